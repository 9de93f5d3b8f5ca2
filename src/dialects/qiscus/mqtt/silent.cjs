// In place of the package that mqtt-packet tells each of its steps, and by that what is in packets: nothing is told.
module.exports = () => () => undefined;
