import { object } from '../configuration/object-validator.ts';
import { readVariable } from '../configuration/read-variable.ts';
import { oneOf, string, type Validator } from '../configuration/validator.ts';
import { urlValidator } from './url-validator.ts';

/** The URLs of an environment. */
export interface EnvironmentUrls {
  readonly name: string;
  readonly apiUrl: string;
  /** Undefined: `{apiUrl}/{realm}/oauth2/token`. */
  readonly tokenUrl: string | undefined;
}

/** The vendor's environments. `preview` is another name of `stage`. */
const vendorUrls: ReadonlyMap<unknown, string> = new Map([
  ['production', 'https://api.instellix.io'],
  ['sandbox', 'https://api.sandbox.instellix.io'],
  ['stage', 'https://api.isx-stage-westeurope.instellix.io'],
]);

/** Finds the environment and its URLs. */
export const environmentValidator: Validator<EnvironmentUrls> = (option, label, problems) => {
  const isCustom = typeof option === 'object' && option !== null;
  const given = isCustom ? customEnvironment(option, label, problems) : namedEnvironment(option);
  const { name = 'custom', apiUrl, tokenUrl, allowHttp } = given;
  if (apiUrl === undefined) {
    const isVariable = option === undefined && readVariable('INSTELLIX_ENVIRONMENT') !== undefined;
    problems.push(
      isVariable
        ? 'The variable INSTELLIX_ENVIRONMENT must be production, sandbox, stage or preview. For another API, unset it and set INSTELLIX_API_URL.'
        : `${label} (variable INSTELLIX_ENVIRONMENT) must be production, sandbox, stage or preview, or an object with apiUrl (variable INSTELLIX_API_URL).`,
    );
  }
  const readUrl = (key: string, value: unknown, variable: string, without: string, forbidden: RegExp) =>
    urlValidator(allowHttp, without, forbidden)(value, `${label}.${key} (variable ${variable})`, problems);
  const base = readUrl('apiUrl', apiUrl, 'INSTELLIX_API_URL', 'query, fragment', /[?#]/);
  return {
    name,
    apiUrl: base ? new URL(base).href.replace(/\/?$/, '/') : '',
    tokenUrl: readUrl('tokenUrl', tokenUrl, 'INSTELLIX_TOKEN_URL', 'fragment', /#/),
  };
};

interface Given {
  readonly name: string | undefined;
  readonly apiUrl: string | undefined;
  readonly tokenUrl: string | undefined;
  readonly allowHttp?: boolean | undefined;
}

/** Variables are not read in addition to an object, because that would mix two environments. */
const customEnvironment: Validator<Given> = (option, label, problems) =>
  object({ apiUrl: asString, tokenUrl: asString, name: string(), allowHttp: oneOf(false, true) })(
    option,
    label,
    problems,
  );

/** A named environment keeps its name when variables override its URLs, which the vendor may hand out at onboarding. */
function namedEnvironment(option: unknown): Given {
  const chosen = option === undefined ? readVariable('INSTELLIX_ENVIRONMENT') : option;
  const name = chosen === 'preview' ? 'stage' : chosen;
  const vendorUrl = vendorUrls.get(name);
  return {
    name: name as string | undefined,
    apiUrl: chosen === undefined || vendorUrl ? (readVariable('INSTELLIX_API_URL') ?? vendorUrl) : undefined,
    tokenUrl: readVariable('INSTELLIX_TOKEN_URL'),
  };
}

/** Reads a URL of any class as a string. Any other value becomes a string that the URL validator refuses. */
const asString: Validator<string | undefined> = (value) => (value === undefined ? undefined : String(value));
