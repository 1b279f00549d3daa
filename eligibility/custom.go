package eligibility

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/vm"
)

// A customEnv is what the expression of a custom rule sees.
type customEnv struct {
	Worker      *Worker   `expr:"worker"` // never nil; only userId is set for somebody without a record
	Shift       *Shift    `expr:"shift"`  // received; an open shift has no userId
	Losing      *Shift    `expr:"losing"` // nil if nothing is lost
	RequestType string    `expr:"requestType"`
	Now         time.Time `expr:"now"`
}

// compileRule checks the types of an expression and makes a rule of it. The
// error is one line and says where in the expression the trouble is.
//
// The language's own now() is taken away: it would read the clock, while a
// decision must depend on the time that was passed in alone.
func compileRule(id Rule, source, message string) (rule[*assignment], error) {
	const maxSource = 16 << 10
	if len(source) > maxSource {
		return rule[*assignment]{}, fmt.Errorf("longer than %d bytes", maxSource)
	}
	program, err := expr.Compile(source, expr.Env(customEnv{}), expr.AsBool(), expr.DisableBuiltin("now"),
		expr.Function("date", customDate, new(func(time.Time) time.Time), new(func(string) time.Time),
			new(func(string, string) time.Time)))
	if err != nil {
		return rule[*assignment]{}, positioned(err)
	}
	passes := func(a *assignment) bool {
		passes, err := evaluate(program, a)
		if err != nil && len(*a.faults) < maxFaults {
			*a.faults = append(*a.faults, Fault{Rule: id, Shift: a.received.ID, Err: err})
		}
		return passes && err == nil
	}
	return rule[*assignment]{id: id, message: message, passes: passes}, nil
}

func evaluate(program *vm.Program, a *assignment) (bool, error) {
	result, err := expr.Run(program, customEnv{
		Worker: a.schedule.worker, Shift: a.received, Losing: a.lost, RequestType: a.requestType, Now: a.now,
	})
	if err != nil {
		return false, positioned(err)
	}
	passes, ok := result.(bool)
	if !ok {
		return false, fmt.Errorf("gave %T, not a boolean", result)
	}
	return passes, nil
}

// customDate is the language's date(), which also takes what is a time
// already, and reads instants as strictly as the team file.
func customDate(args ...any) (any, error) {
	if t, ok := args[0].(time.Time); ok {
		return t, nil
	}
	text := args[0].(string)
	if len(args) == 2 {
		return time.Parse(args[1].(string), text)
	}
	if t, err := ParseInstant(text); err == nil {
		return t, nil
	}
	return time.Parse(time.DateOnly, text)
}

// positioned is the expression library's error in one line, without the
// drawing of the source below it.
func positioned(err error) error {
	var located *file.Error
	if errors.As(err, &located) {
		return fmt.Errorf("line %d, column %d: %s", located.Line, located.Column+1, located.Message)
	}
	line, _, _ := strings.Cut(err.Error(), "\n")
	return errors.New(line)
}
