// Files as text: how the corpus takes in recorded documents, in Node and in workerd.
declare module '*?raw' {
  const text: string;
  export default text;
}
