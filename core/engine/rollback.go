package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/yamlfile"
)

// backupsMax bounds how many files beside the rules have the name of one generation.
const backupsMax = 1000

// Rollback writes the routing rules of generation to into their file, the text that
// is there beside it, and makes them live with the configuration as it is live: a
// broken paymux.yaml keeps nobody from going back. Zero means the newest generation
// before the live one whose rules are others. It is a generation of its own; rules
// that do not fit the accounts any more are refused before anything is written. It is
// for operators, and audited.
//
// It returns core.ErrForbidden, ErrNotFound for a generation that is not kept,
// ErrNotSupported where the rules come from no file, and the errors of Reload.
func (e *Engine) Rollback(ctx context.Context, caller core.Caller, to uint64, why string) (core.Reloaded, error) {
	if !caller.Operator {
		return core.Reloaded{}, fmt.Errorf("engine: rollback: %w", core.ErrForbidden)
	}
	if e.options.Rules != nil {
		return core.Reloaded{}, &core.Problem{Code: core.ErrNotSupported.Code, Detail: "the rules of this engine come from no file"}
	}
	return e.inTurn(ctx, func(ctx context.Context) (core.Reloaded, error) {
		old, err := e.goBackTo(to)
		if err != nil {
			return core.Reloaded{}, err
		}
		live := e.live.Load()
		reason := "rollback to generation " + strconv.FormatUint(old.Number, 10)
		if why != "" {
			reason += ": " + why
		}
		return e.replace(ctx, trigger{by: caller.Actor, why: reason, operator: true}, edition{
			config: live.config, rules: old.rules,
			put: func() error { return putRules(live.config.Routing.File, old.rules, live.generation.Number) },
		})
	})
}

// goBackTo finds the generation to go back to.
func (e *Engine) goBackTo(to uint64) (kept, error) {
	all, err := e.archive.all()
	if err != nil {
		e.logger.Warn("generations are missing", "error", err)
	}
	live := e.live.Load().generation
	for i := len(all) - 1; i >= 0; i-- {
		if k := all[i]; k.Number == to && to != 0 || to == 0 && k.Number < live.Number && k.RulesSHA256 != live.RulesSHA256 {
			return k, nil
		}
	}
	if to == 0 {
		return kept{}, &core.Problem{Code: core.ErrUnknownTransaction.Code, Detail: "no generation with other rules is kept"}
	}
	return kept{}, &core.Problem{Code: core.ErrUnknownTransaction.Code, Detail: fmt.Sprintf("generation %d is not kept", to)}
}

// putRules writes text in place of the file's, and keeps what was there beside it.
// A symlink stays one: what it leads to is written. A file that is gone is made again.
func putRules(name string, text []byte, generation uint64) error {
	if _, err := os.Lstat(name); errors.Is(err, fs.ErrNotExist) {
		return putAtOnce(name, text, 0o600)
	}
	path, err := filepath.EvalSymlinks(name)
	if err != nil {
		return errors.New(readable(err))
	}
	present, err := readRegular(path, 2*yamlfile.SizeMax)
	if err != nil {
		return errors.New(readable(err))
	}
	if bytes.Equal(present, text) {
		return nil
	}
	info, err := os.Stat(path)
	if err != nil {
		return errors.New(readable(err))
	}
	mode := info.Mode().Perm()
	if err := putBeside(path, present, generation, mode); err != nil {
		return fmt.Errorf("the present rules cannot be kept: %w", err)
	}
	return putAtOnce(path, text, mode)
}

// putBeside keeps a text under a name that is free, such as routes.yaml.bak-7.
func putBeside(path string, text []byte, generation uint64, mode fs.FileMode) error {
	name := path + ".bak-" + strconv.FormatUint(generation, 10)
	free := name
	for n := 2; n < backupsMax; n++ {
		err := writeSynced(free, text, mode)
		if !errors.Is(err, fs.ErrExist) {
			return err
		}
		if there, err := readRegular(free, 2*yamlfile.SizeMax); err == nil && bytes.Equal(there, text) {
			return nil
		}
		free = name + "-" + strconv.Itoa(n)
	}
	return fmt.Errorf("%s: %w", free, fs.ErrExist)
}

// putAtOnce replaces a file whole: no reader ever sees a part of it.
func putAtOnce(path string, text []byte, mode fs.FileMode) error {
	beside := path + ".new"
	if err := os.Remove(beside); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := writeSynced(beside, text, mode); err != nil {
		return err
	}
	return errors.Join(os.Rename(beside, path), syncDir(filepath.Dir(path)))
}
