package routing

import (
	"fmt"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"

	"github.com/paymux/paymux/core/yamlfile"
	"github.com/paymux/paymux/sdk/money"
)

// Of the library's language we let through what cannot surprise: texts and amounts
// are compared, and the results joined. Nothing is calculated, so that nothing
// overflows or is divided by zero; nothing is looked up, repeated or built in.

// checker walks an expression and reports every part that is not let through.
type checker struct {
	source string
	nodes  int
	faults []fault
	texts  []string
	prices []price
	musts  []must
}

func (c *checker) refuse(node ast.Node, format string, args ...any) {
	c.faults = append(c.faults, fault{bytesBefore(c.source, node.Location().From), fmt.Sprintf(format, args...)})
}

func (c *checker) root(node ast.Node) {
	c.truth(node)
	if len(c.faults) == 0 {
		c.collect(node)
	}
}

// collect keeps the comparisons that must all hold.
func (c *checker) collect(node ast.Node) {
	n, ok := node.(*ast.BinaryNode)
	if !ok {
		return
	}
	if n.Operator == "&&" || n.Operator == "and" {
		c.collect(n.Left)
		c.collect(n.Right)
		return
	}
	left, right, operator := n.Left, n.Right, n.Operator
	if isConstant(left) {
		left, right, operator = right, left, turned(operator)
	}
	must := must{variable: nameOf(left), operator: operator, before: bytesBefore(c.source, n.Location().From)}
	if text, ok := right.(*ast.StringNode); ok && operator == "==" {
		must.word = text.Value
		c.musts = append(c.musts, must)
	}
	if text, ok := priceOf(right); ok {
		must.amount, _ = money.ParseMoney(text.Value)
		c.musts = append(c.musts, must)
	}
}

// turned returns the operator that says the same with its sides changed.
func turned(operator string) string {
	return strings.NewReplacer("<", ">", ">", "<").Replace(operator)
}

// nameOf returns the name of a variable, such as country or metadata.tier.
func nameOf(node ast.Node) string {
	switch n := node.(type) {
	case *ast.IdentifierNode:
		return n.Value
	case *ast.MemberNode:
		return nameOf(n.Node) + "." + nameOf(n.Property)
	case *ast.StringNode:
		return n.Value
	default:
		return ""
	}
}

// counted reports whether the expression is still small enough to go on.
func (c *checker) counted(node ast.Node) bool {
	c.nodes++
	if c.nodes == nodesMax+1 {
		c.refuse(node, "has more than %d parts: split the rule, or use match", nodesMax)
	}
	return c.nodes <= nodesMax
}

// truth checks what must be true or false.
func (c *checker) truth(node ast.Node) {
	if !c.counted(node) {
		return
	}
	switch n := node.(type) {
	case *ast.BoolNode:
		c.refuse(n, "is always %v: leave it out, or write what it depends on", n.Value)
	case *ast.UnaryNode:
		if n.Operator != "!" && n.Operator != "not" {
			c.operator(n, n.Operator)
			return
		}
		c.truth(n.Node)
	case *ast.BinaryNode:
		c.binary(n)
	case *ast.IdentifierNode:
		c.alone(n)
	default:
		c.strange(node)
	}
}

// alone refuses a variable that nothing is compared with, unless it is true or false by itself.
func (c *checker) alone(n *ast.IdentifierNode) {
	if n.Value == "card" {
		return
	}
	before := len(c.faults)
	if c.value(n); len(c.faults) == before {
		c.refuse(n, "%s alone is neither true nor false: compare it", n.Value)
	}
}

func (c *checker) binary(n *ast.BinaryNode) {
	switch n.Operator {
	case "&&", "and", "||", "or":
		c.truth(n.Left)
		c.truth(n.Right)
	case "==", "!=", "<", "<=", ">", ">=":
		c.comparison(n)
	case "contains", "startsWith", "endsWith":
		c.part(n)
	case "in":
		c.membership(n)
	case "matches":
		c.refuse(n, "matches is not there: use contains, startsWith or endsWith")
	default:
		c.operator(n, n.Operator)
	}
}

func (c *checker) comparison(n *ast.BinaryNode) {
	before := len(c.faults)
	c.value(n.Left)
	c.value(n.Right)
	left, right := isAmount(n.Left), isAmount(n.Right)
	switch {
	case len(c.faults) > before:
	case settled(n.Left, n.Right):
		c.refuse(n, "both sides are always the same: compare a variable, such as country")
	case left != right:
		c.refuse(n, `an amount is compared with an amount, such as money("1000 XOF")`)
	case !left && n.Operator != "==" && n.Operator != "!=":
		c.refuse(n, "%s compares amounts only", n.Operator)
	case !left:
		c.word(n.Left, n.Right)
		c.word(n.Right, n.Left)
	}
}

// part checks whether one text is a part of another.
func (c *checker) part(n *ast.BinaryNode) {
	c.value(n.Left)
	c.value(n.Right)
	text, ok := n.Right.(*ast.StringNode)
	switch {
	case settled(n.Left, n.Right):
		c.refuse(n, "both sides are always the same: compare a variable, such as country")
	case ok && text.Value == "":
		c.refuse(text, "is a part of every text: write what %s needs to find", n.Operator)
	}
}

// settled reports whether two sides are alike for every transaction: both are
// constants, or they are the same variable.
func settled(left, right ast.Node) bool {
	if isConstant(left) || isConstant(right) {
		return isConstant(left) && isConstant(right)
	}
	return nameOf(left) != "" && nameOf(left) == nameOf(right)
}

func isAmount(node ast.Node) bool {
	_, constant := priceOf(node)
	return constant || isName(node, "amount")
}

func isConstant(node ast.Node) bool {
	switch node.(type) {
	case *ast.StringNode, *ast.BoolNode, *ast.CallNode:
		return true
	default:
		return false
	}
}

// word reports a text that the variable beside it can never be.
func (c *checker) word(variable, text ast.Node) {
	name, named := variable.(*ast.IdentifierNode)
	word, worded := text.(*ast.StringNode)
	if !named || !worded {
		return
	}
	if why := foreign(name.Value, word.Value); why != "" {
		c.refuse(word, "%s", why)
	}
}

func (c *checker) membership(n *ast.BinaryNode) {
	c.value(n.Left)
	if isName(n.Right, "metadata") {
		return
	}
	list, ok := n.Right.(*ast.ArrayNode)
	if !ok || isAmount(n.Left) {
		c.refuse(n, `in takes a text and a list of texts, such as country in ["CI", "SN"], or metadata`)
		return
	}
	switch {
	case len(list.Nodes) == 0:
		c.refuse(list, "a list without texts holds nothing: name at least one")
	case isConstant(n.Left):
		c.refuse(n, "both sides are always the same: compare a variable, such as country")
	}
	for _, item := range list.Nodes {
		if _, ok := item.(*ast.StringNode); !ok {
			c.refuse(item, "a list holds texts only")
			continue
		}
		if c.counted(item) {
			c.word(n.Left, item)
		}
	}
}

// value checks what is compared: a variable, a text, true or false, or an amount.
func (c *checker) value(node ast.Node) {
	if !c.counted(node) {
		return
	}
	switch n := node.(type) {
	case *ast.StringNode, *ast.BoolNode:
	case *ast.IdentifierNode:
		c.variable(n)
	case *ast.MemberNode:
		c.member(n)
	case *ast.CallNode:
		c.call(n)
	case *ast.IntegerNode, *ast.FloatNode:
		c.refuse(n, `a number alone is no amount: write money("1000 XOF")`)
	default:
		c.strange(node)
	}
}

func (c *checker) variable(n *ast.IdentifierNode) {
	switch {
	case !slices.Contains(variableNames, n.Value):
		c.refuse(n, "%s is not known%s", yamlfile.Quote(n.Value), yamlfile.Hint(n.Value, variableNames))
	case n.Value == "metadata":
		c.refuse(n, `metadata needs a key, such as metadata["tier"]`)
	case n.Value == "customer":
		c.refuse(n, "customer has one field: write customer.id")
	case n.Value != "amount" && n.Value != "card":
		c.reads(n.Value)
	}
}

func (c *checker) member(n *ast.MemberNode) {
	key, ok := n.Property.(*ast.StringNode)
	switch {
	case ok && isName(n.Node, "metadata"):
		c.reads("metadata." + key.Value)
	case ok && isName(n.Node, "customer") && key.Value == "id":
		c.reads("customer.id")
	case isName(n.Node, "customer"):
		c.refuse(n, "customer has one field: write customer.id")
	default:
		c.refuse(n, `only metadata["a-key"] and customer.id have parts`)
	}
}

func (c *checker) reads(name string) {
	if !slices.Contains(c.texts, name) {
		c.texts = append(c.texts, name)
	}
}

func (c *checker) call(n *ast.CallNode) {
	text, ok := priceOf(n)
	if !ok {
		c.refuse(n, `the only function is money, with one amount as it is written: money("1000 XOF")`)
		return
	}
	amount, err := money.ParseMoney(text.Value)
	switch {
	case err != nil:
		c.refuse(text, "%s", strings.TrimPrefix(err.Error(), "money: "))
	case amount.IsZero():
		c.refuse(text, "no transaction has the amount zero")
	default:
		c.prices = append(c.prices, price{amount, bytesBefore(c.source, text.Location().From)})
	}
}

// strange refuses what a condition has no use for, by name where it has one.
func (c *checker) strange(node ast.Node) {
	switch n := node.(type) {
	case *ast.BuiltinNode:
		c.refuse(n, `%s is not there: the only function is money("1000 XOF")`, n.Name)
	case *ast.CallNode:
		c.call(n)
	case *ast.BinaryNode:
		c.operator(n, n.Operator)
	case *ast.UnaryNode:
		c.operator(n, n.Operator)
	case *ast.ArrayNode:
		c.refuse(n, "a list stands only after in")
	case *ast.ConditionalNode:
		c.refuse(n, "a condition has no branches: write and, or, not")
	default:
		c.refuse(n, "has no place in a condition, which compares texts and amounts")
	}
}

// operator refuses an operator where a value is compared.
func (c *checker) operator(node ast.Node, operator string) {
	if slices.Contains(comparing, operator) {
		c.refuse(node, "%s gives true or false, which is not compared again: join it with and, or, not", operator)
		return
	}
	c.refuse(node, "%s calculates, and a condition only compares", operator)
}

// comparing are the operators that a condition may have.
var comparing = []string{
	"&&", "and", "||", "or", "!", "not", "==", "!=", "<", "<=", ">", ">=", "in", "contains", "startsWith", "endsWith",
}
