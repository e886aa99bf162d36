import {
  type GraphQLInputType,
  type GraphQLNullableType,
  isInputObjectType,
  isListType,
  isNonNullType,
  Kind,
  parseType,
  type ValueNode,
  type VariableDefinitionNode,
} from 'graphql';
import { type Fitting, inputValue, requiredValue } from './inputs.js';
import { literalOf, nameOf, objectNodeOf } from './nodes-of.js';
import { INHERITED_VARIABLES } from './odd-names.js';
import type { Random } from './random.js';

const VARIABLE_PERCENT = 35;
const NULL_PERCENT = 10;

/** The values of one operation: literals, variables, and literals with variables in them. */
export class Values {
  readonly definitions: VariableDefinitionNode[] = [];
  readonly given: Record<string, unknown> = {};
  readonly #random: Random;
  readonly #fitting: Fitting;
  readonly #names: readonly string[];

  /** @param isOddlyNamed - whether the first variables have names that every object has. */
  constructor(random: Random, fitting: Fitting, isOddlyNamed: boolean) {
    this.#random = random;
    this.#fitting = fitting;
    this.#names = isOddlyNamed ? INHERITED_VARIABLES : [];
  }

  /**
   * A value where this type is wanted.
   *
   * @param hasDefault - whether the place has a default, so that it may be left to a variable that is absent.
   */
  valueAt(type: GraphQLInputType, name: string, hasDefault: boolean): ValueNode {
    if (this.#random.chance(VARIABLE_PERCENT)) return this.#variable(type, name, hasDefault);
    if (!isNonNullType(type) && this.#random.chance(NULL_PERCENT)) return { kind: Kind.NULL };
    const nullable = isNonNullType(type) ? type.ofType : type;
    if (isListType(nullable)) return this.#list(nullable.ofType, name);
    if (isInputObjectType(nullable)) {
      const fields = Object.values(nullable.getFields()).filter(
        (field) => isNonNullType(field.type) || this.#random.chance(40),
      );
      return objectNodeOf(
        fields.map((field) => [field.name, this.valueAt(field.type, field.name, false)]),
      );
    }
    return literalOf(requiredValue(nullable, name, this.#random, this.#fitting));
  }

  #list(of: GraphQLInputType, name: string): ValueNode {
    if (this.#random.chance(10)) {
      const isRequired = isNonNullType(of);
      return literalOf(
        (isRequired ? requiredValue : inputValue)(of, name, this.#random, this.#fitting),
      );
    }
    const length = 1 + this.#random.below(2);
    const values = Array.from({ length }, () => this.valueAt(of, name, false));
    return { kind: Kind.LIST, values };
  }

  #variable(type: GraphQLInputType, name: string, hasDefault: boolean): ValueNode {
    const nullable = (isNonNullType(type) ? type.ofType : type) as GraphQLNullableType &
      GraphQLInputType;
    const isNeeded = isNonNullType(type) && !hasDefault;
    const made = nameOf(this.#names[this.definitions.length] ?? `v${this.definitions.length}`);
    const variable = { kind: Kind.VARIABLE as const, name: made };
    const written = isNeeded
      ? this.#random.pick(['required', 'required', 'default'])
      : this.#random.pick(['required', 'nullable', 'nullable', 'default']);
    const value = () => requiredValue(nullable, name, this.#random, this.#fitting);
    this.definitions.push({
      kind: Kind.VARIABLE_DEFINITION,
      variable,
      type: parseType(written === 'required' ? `${nullable}!` : String(nullable)),
      ...(written === 'default' ? { defaultValue: literalOf(value()) } : {}),
    });
    const isLeftOut = written !== 'required' && this.#random.chance(45);
    const isNull = written !== 'required' && !isNonNullType(type) && this.#random.chance(30);
    if (isNull) this.given[made.value] = null;
    else if (!isLeftOut) this.given[made.value] = JSON.parse(JSON.stringify(value()));
    return variable;
  }
}
