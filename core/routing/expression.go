package routing

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/vm"

	"github.com/paymux/paymux/core/yamlfile"
	"github.com/paymux/paymux/sdk/money"
)

// This file is all that knows the expression library. Of its language it lets
// through what cannot surprise: texts and amounts are compared, and the results
// joined. Nothing is calculated, so that nothing overflows or is divided by zero;
// nothing is looked up, repeated or built in.

const (
	// nodesMax bounds the parts of an expression.
	nodesMax = 200
	// memoryMax bounds what one evaluation may hold, in elements.
	memoryMax = 1000
)

// expression is a condition as the library runs it.
type expression struct {
	program *vm.Program
	// runs are kept to be used again.
	runs sync.Pool
}

// run is what one evaluation needs.
type run struct {
	machine   vm.VM
	variables variables
}

// holds implements condition. A panic is an error: no rule may stop a payment.
func (e *expression) holds(v variables) (held bool, err error) {
	defer func() {
		if broken := recover(); broken != nil {
			held, err = false, fmt.Errorf("the expression broke: %v", broken)
		}
	}()
	r, ok := e.runs.Get().(*run)
	if !ok {
		r = &run{machine: vm.VM{MemoryBudget: memoryMax}}
	}
	r.variables = v
	result, err := r.machine.Run(e.program, &r.variables)
	r.variables = variables{}
	e.runs.Put(r)
	if err != nil {
		return false, cause(err)
	}
	held, ok = result.(bool)
	if !ok {
		return false, fmt.Errorf("the expression gave %T", result)
	}
	return held, nil
}

// cause returns what is wrong without the library's picture of the place.
func cause(err error) error {
	var told *file.Error
	if !errors.As(err, &told) {
		return err
	}
	if told.Prev != nil {
		return told.Prev
	}
	return errors.New(told.Message)
}

// compile checks an expression and returns all that is wrong with it. The source
// must be no longer than sourceMax.
func compile(source string) (*when, []fault) {
	if strings.TrimSpace(source) == "" {
		return nil, []fault{{message: "is empty: leave it out"}}
	}
	tree, err := parser.Parse(source)
	if err != nil {
		return nil, []fault{faultOf(source, err)}
	}
	c := checker{source: source}
	c.root(tree.Node)
	if len(c.faults) > 0 {
		return nil, c.faults
	}
	program, err := expr.Compile(source, options()...)
	if err != nil {
		return nil, []fault{faultOf(source, err)}
	}
	return &when{
		source: source, condition: &expression{program: program}, texts: c.texts, prices: c.prices,
	}, nil
}

func faultOf(source string, err error) fault {
	var told *file.Error
	if !errors.As(err, &told) {
		return fault{message: err.Error()}
	}
	return fault{before: bytesBefore(source, told.From), message: told.Message}
}

// bytesBefore turns the library's count of characters into one of bytes.
func bytesBefore(source string, characters int) int {
	for at := range source {
		if characters == 0 {
			return at
		}
		characters--
	}
	return len(source)
}

func options() []expr.Option {
	list := []expr.Option{
		expr.Env(variables{}), expr.AsBool(), expr.DisableAllBuiltins(), expr.MaxNodes(nodesMax), expr.Patch(prices{}),
	}
	comparisons := map[string]func(order int) bool{
		"==": func(order int) bool { return order == 0 },
		"!=": func(order int) bool { return order != 0 },
		"<":  func(order int) bool { return order < 0 },
		"<=": func(order int) bool { return order <= 0 },
		">":  func(order int) bool { return order > 0 },
		">=": func(order int) bool { return order >= 0 },
	}
	for operator, holds := range comparisons {
		name := "amount" + operator // No identifier, so that nobody can call it.
		list = append(list, expr.Function(name, compare(holds), new(func(a, b money.Amount) bool)), expr.Operator(operator, name))
	}
	return list
}

// compare returns a comparison of two amounts, which fails where their currencies differ.
func compare(holds func(order int) bool) func(...any) (any, error) {
	return func(params ...any) (any, error) {
		a, b := params[0].(money.Amount), params[1].(money.Amount)
		if a.IsZero() || b.IsZero() {
			return nil, errNoAmount
		}
		order, err := a.Compare(b)
		if err != nil {
			return nil, err
		}
		return holds(order), nil
	}
}

// prices puts amounts in the place of money("5000 XOF"), which was checked before.
type prices struct{}

// Visit implements ast.Visitor.
func (prices) Visit(node *ast.Node) {
	if text, ok := priceOf(*node); ok {
		if amount, err := money.ParseMoney(text.Value); err == nil {
			constant := &ast.ConstantNode{Value: amount}
			constant.SetType(reflect.TypeFor[money.Amount]())
			ast.Patch(node, constant)
		}
	}
}

// priceOf returns the text of money("5000 XOF").
func priceOf(node ast.Node) (*ast.StringNode, bool) {
	call, ok := node.(*ast.CallNode)
	if !ok || len(call.Arguments) != 1 || !isName(call.Callee, "money") {
		return nil, false
	}
	text, ok := call.Arguments[0].(*ast.StringNode)
	return text, ok
}

func isName(node ast.Node, name string) bool {
	identifier, ok := node.(*ast.IdentifierNode)
	return ok && identifier.Value == name
}

// checker walks an expression and reports every part that is not let through.
type checker struct {
	source string
	nodes  int
	faults []fault
	texts  []string
	prices []price
}

func (c *checker) refuse(node ast.Node, format string, args ...any) {
	c.faults = append(c.faults, fault{bytesBefore(c.source, node.Location().From), fmt.Sprintf(format, args...)})
}

func (c *checker) root(node ast.Node) {
	if constant, ok := node.(*ast.BoolNode); ok {
		c.refuse(node, "is always %v: leave it out, or write what it depends on", constant.Value)
		return
	}
	c.truth(node)
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
	case *ast.UnaryNode:
		if n.Operator != "!" && n.Operator != "not" {
			c.operator(n, n.Operator)
			return
		}
		c.truth(n.Node)
	case *ast.BinaryNode:
		c.binary(n)
	case *ast.IdentifierNode:
		if n.Value != "card" {
			c.value(n)
			c.refuse(n, "%s alone is neither true nor false: compare it", n.Value)
		}
	default:
		c.strange(node)
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
		c.value(n.Left)
		c.value(n.Right)
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
	case isConstant(n.Left) && isConstant(n.Right):
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
