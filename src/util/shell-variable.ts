/** Names of which a shell keeps the value for itself or computes it. */
const own =
  /^(BASH\w*|DIRSTACK|EPOCH\w+|EUID|FUNCNAME|GROUPS|HISTCMD|IFS|LINENO|OLDPWD|OPTIND|PPID|PWD|S?RANDOM|SECONDS|SHELLOPTS|SHLVL|UID|_)$/;

/** Whether a shell passes on a variable of this name as it was given: of others it makes something else. */
export const isExportable = (name: string): boolean => /^[A-Za-z_]\w*$/.test(name) && !own.test(name);

/** A locale that the host lacks makes bash complain on the command's standard error. */
export const isLocale = (name: string): boolean =>
  /^(LANG|LC_(ALL|COLLATE|CTYPE|MESSAGES|MONETARY|NUMERIC|TIME))$/.test(name);
