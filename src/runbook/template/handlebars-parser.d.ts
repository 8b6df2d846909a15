/** Handlebars' parser alone, a third of the package, which has no types for its parts. */
declare module "handlebars/dist/cjs/handlebars/compiler/base.js" {
  export const parse: typeof import("handlebars").parse;
}
