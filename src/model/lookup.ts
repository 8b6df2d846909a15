/** What a step looks up in the network, from the machine that casebook runs on and not from the host. */
export interface Lookup {
  /** Whom it asks: `GitHub`. */
  readonly service: string;
  /** Variables of casebook's own environment that it reads; what is secret is masked like an input that is. */
  readonly variables: readonly { readonly name: string; readonly secret: boolean }[];
}
