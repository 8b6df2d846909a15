/** What fills compiled templates, without the compiler; the package gives it no types. */
declare module "handlebars/runtime" {
  import Handlebars from "handlebars";
  export default Handlebars;
}
