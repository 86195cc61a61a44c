package routing

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/vm"

	"github.com/paymux/paymux/sdk/money"
)

// This file and grammar.go are all that knows the expression library.

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
		source: source, condition: &expression{program: program}, texts: c.texts, prices: c.prices, musts: c.musts,
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
