package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// livesAtOnce bounds how many engines die at the same time; most of them wait.
const livesAtOnce = 8

// The engine ends at every failpoint of every operation, and starts again. Nobody
// who was answered may have been told of what is not so, and nothing may be there
// twice: then the books of everybody agree.
func TestAnEngineThatEndsBetweenTwoStepsLosesNothing(t *testing.T) {
	s := &sweep{t: t, names: failpoints(t), reached: map[string]int{}}
	s.look()
	s.kill()
	control := s.control()
	if testing.Verbose() || atLength() {
		t.Logf("chaos 3: exit(137) at %d of %d named places, %d times in %d operations, %d of them at a second passage; "+
			"%d acknowledged, in every case the books agreed: 0 lost, 0 created twice; control with the sent mark after the call: %s",
			len(s.reached), len(s.names), s.kills, len(s.operations), s.second, s.acknowledged, control)
	}
	for _, name := range s.names {
		if atLength() && s.reached[name] == 0 {
			t.Errorf("no operation ends at %q", name)
		}
	}
}

// atLength reports whether there is time for everything.
func atLength() bool { return os.Getenv("PAYMUX_CHAOS") == "1" }

// sweep are all lives that end.
type sweep struct {
	t          *testing.T
	names      []string
	operations map[string][]string // What each passes, in order.

	mu                          sync.Mutex
	reached                     map[string]int
	kills, second, acknowledged int
}

// look lets every operation be done undisturbed and notes what it passes.
func (s *sweep) look() {
	s.t.Helper()
	s.operations = map[string][]string{}
	all := operations()
	if !atLength() {
		all = map[string]func(*testing.T) *stage{"a payment": all["a payment"]}
	}
	var todo []task
	for name, stage := range all {
		todo = append(todo, task{name + ", undisturbed", func(t *testing.T) {
			l := failing(t, stage).live()
			if found := l.agree(agreeWithin); len(found) > 0 {
				t.Errorf("the books differ: %s", strings.Join(found, "; "))
			}
			l.end()
			s.mu.Lock()
			defer s.mu.Unlock()
			s.operations[name] = l.passed
		}})
	}
	s.run(todo)
}

// task is one subtest.
type task struct {
	name string
	do   func(t *testing.T)
}

// run does the tasks, some at the same time.
func (s *sweep) run(todo []task) {
	s.t.Helper()
	slices.SortFunc(todo, func(a, b task) int { return cmp.Compare(a.name, b.name) })
	room := make(chan struct{}, livesAtOnce)
	var under sync.WaitGroup
	for _, one := range todo {
		room <- struct{}{}
		under.Go(func() {
			defer func() { <-room }()
			s.t.Run(one.name, one.do)
		})
	}
	under.Wait()
}

// kill does every operation again for each place that it passes, and for its
// second passage if there is one.
func (s *sweep) kill() {
	s.t.Helper()
	var todo []task
	for _, name := range slices.Sorted(maps.Keys(s.operations)) {
		times := map[string]int{}
		for _, point := range s.operations[name] {
			switch times[point]++; times[point] {
			case 1:
				todo = append(todo, s.killAt(name, point))
			case 2:
				// Different steps share these; of the others the second is a question asked again.
				if strings.HasPrefix(point, "event: ") || strings.HasPrefix(point, "create: ") {
					todo = append(todo, s.killAt(name, point+"#2"))
				}
			}
		}
	}
	if !atLength() {
		todo = slices.DeleteFunc(todo, func(one task) bool { return !strings.HasPrefix(one.name, "a payment, create: ") })
	}
	s.run(todo)
}

// killAt is one operation with an engine that ends at the point.
func (s *sweep) killAt(operation, point string) task {
	place, _, again := strings.Cut(point, "#")
	return task{operation + ", " + point, func(t *testing.T) {
		l := failing(t, operations()[operation]).live(point)
		if found := l.agree(agreeWithin); len(found) > 0 {
			t.Errorf("the books differ: %s", strings.Join(found, "; "))
		}
		dead := !l.dying
		l.end()
		s.mu.Lock()
		defer s.mu.Unlock()
		s.acknowledged += len(l.acknowledged)
		switch {
		case dead && again:
			s.second++
			fallthrough
		case dead:
			s.kills++
			s.reached[place]++
		default:
			t.Log("it was not passed this time")
		}
	}}
}

// control ends an engine that says what it sends only after it was sent. The
// same books must show it.
func (s *sweep) control() string {
	s.t.Helper()
	var found []string
	s.run([]task{{"the sent mark after the call", func(t *testing.T) {
		g := aPayment(t)
		self, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		g.shop.setup.Programs.Engine = self
		g.shop.environ = []string{brokenVariable + "=" + postponing}
		l := g.live("the first commit after a call")
		found = l.agree(3 * time.Second)
		if len(found) == 0 || l.deaths == 0 {
			t.Errorf("nobody noticed, after %d deaths", l.deaths)
		}
	}}})
	return strings.Join(found, "; ")
}

// failing gives a stage an engine that is built with failpoints.
func failing(t *testing.T, of func(*testing.T) *stage) *stage {
	t.Helper()
	engine, err := failingEngine()
	if err != nil {
		t.Fatal(err)
	}
	g := of(t)
	g.shop.setup.Programs.Engine = engine
	return g
}

var failingEngine = sync.OnceValues(func() (string, error) {
	built, err := build()
	if err != nil {
		return "", err
	}
	path := filepath.Join(filepath.Dir(built.Engine), "failing", "engine")
	cmd := exec.CommandContext(context.Background(), "go", "build", "-buildvcs=false", "-tags", "failpoints", "-o", path, ".")
	if said, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, said)
	}
	return path, nil
})

// What only tests need is in no binary that is released; the control has all of it.
func TestAUsualEngineHasNoFailpoints(t *testing.T) {
	names := failpoints(t)
	failing, err := failingEngine()
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]int{programs(t).Engine: 0, failing: len(names)} {
		binary, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		found := 0
		for _, name := range names {
			if bytes.Contains(binary, []byte(name)) {
				found++
			}
		}
		if found != want {
			t.Errorf("%s has %d of %d names, want %d", filepath.Base(filepath.Dir(path)), found, len(names), want)
		}
	}
}

// failpoints are the names of all places in the engine, each of which is one place.
func failpoints(t *testing.T) []string {
	t.Helper()
	places := map[string]string{}
	err := filepath.WalkDir(filepath.Join("..", "..", "core"), func(path string, _ fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
			return err
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(node ast.Node) bool {
			call, ok := node.(*ast.CallExpr)
			if !ok || !isFailpoint(call) {
				return true
			}
			where := set.Position(call.Pos()).String()
			name := literal(call.Args)
			if other := places[name]; other != "" || name == "" {
				t.Errorf("%s: a failpoint has a name that is written out and its own, not %q as %s", where, name, other)
			}
			places[name] = where
			return true
		})
		return nil
	})
	if err != nil || len(places) == 0 {
		t.Fatalf("%d failpoints are found: %v", len(places), err)
	}
	return slices.Sorted(maps.Keys(places))
}

func isFailpoint(call *ast.CallExpr) bool {
	function, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	of, ok := function.X.(*ast.Ident)
	return ok && of.Name == "failpoint" && function.Sel.Name == "At"
}

// literal is the text of the one argument, empty if it is not written out.
func literal(args []ast.Expr) string {
	if len(args) != 1 {
		return ""
	}
	text, ok := args[0].(*ast.BasicLit)
	if !ok {
		return ""
	}
	name, err := strconv.Unquote(text.Value)
	if err != nil {
		return ""
	}
	return name
}
