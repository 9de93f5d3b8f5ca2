// The introspection calls of XML-RPC servers, told from the method table. There is no system.multicall.
import { XmlRpcFault } from '../../xmlrpc/fault.ts';
import { array, type OutString, type OutValue, string } from '../../xmlrpc/value.ts';
import type { Method } from './method.ts';
import type { Parameter } from './params.ts';

type Methods = ReadonlyMap<string, Method>;

export const listMethods = (methods: Methods): OutValue => array([...methods.keys()].map(string));

/** The wire type that each kind of parameter is sent as; readers of text take `<string>` as well. */
const TYPES: Readonly<Record<Parameter<unknown>['kind'], string>> = {
  text: 'base64',
  texts: 'array',
  id: 'string',
  ids: 'array',
  integer: 'int',
  flag: 'boolean',
};

/** One signature for each number of parameters that the method takes, the answer's type first. Unknown: fault -32601. */
export function methodSignature(methods: Methods, name: string): OutValue {
  const { parameters, returns } = methodOf(methods, name);
  const types = parameters.map(({ kind }) => string(TYPES[kind]));
  const least = parameters.filter(({ optional }) => !optional).length;
  const counts = Array.from({ length: parameters.length - least + 1 }, (_, i) => least + i);
  return array(counts.map((count) => array([string(returns), ...types.slice(0, count)])));
}

/** One sentence, with the names of the parameters in order; those in brackets may be left out. Unknown: fault -32601. */
export function methodHelp(methods: Methods, name: string): OutString {
  const { help, parameters, ignoresRest } = methodOf(methods, name);
  const names = parameters.map((parameter) => (parameter.optional ? `[${parameter.name}]` : parameter.name));
  const list = [...names, ...(ignoresRest ? ['…'] : [])].join(', ');
  return string(list === '' ? help : `${help} Parameters: ${list}.`);
}

function methodOf(methods: Methods, name: string): Method {
  const method = methods.get(name.trim());
  if (!method) throw new XmlRpcFault(-32601, `unknown method: ${name}`);
  return method;
}
