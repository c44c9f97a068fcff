// Answers CEL expressions with cel-go 0.26 and the libraries of Kubernetes 1.34.
//
//	go mod tidy && go run . < ../../../tests/conformance/cel/rules.jsonl > rules.jsonl
//
// A case is a JSON object a line: "env" is "flux" (parsed only), "flux-checked", "kube" (checked,
// variables dyn, all libraries), "kube-new" (those of new expressions) or "crd" (checked against
// "schema"); "expr"; "vars", or "self" and "oldSelf" for "crd". The answer adds "result" (as text),
// "error" or "compile", and for Kubernetes "cost" and "maxCost"; answers in the input are replaced,
// so a recorded file is its own list of cases.

// SPDX-License-Identifier: Apache-2.0
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"
	"github.com/google/cel-go/ext"
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	schemacel "k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel/model"
	"k8s.io/apimachinery/pkg/util/version"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	k8scel "k8s.io/apiserver/pkg/cel"
	"k8s.io/apiserver/pkg/cel/common"
	"k8s.io/apiserver/pkg/cel/environment"
)

type Case struct {
	ID      string          `json:"id,omitempty"`
	Env     string          `json:"env"`
	Expr    string          `json:"expr"`
	Vars    json.RawMessage `json:"vars,omitempty"`
	Schema  json.RawMessage `json:"schema,omitempty"`
	Self    json.RawMessage `json:"self,omitempty"`
	OldSelf json.RawMessage `json:"oldSelf,omitempty"`
	OptOld  bool            `json:"optionalOldSelf,omitempty"`
	Result  *string         `json:"result,omitempty"`
	Error   *string         `json:"error,omitempty"`
	Compile *string         `json:"compile,omitempty"`
	Cost    *uint64         `json:"cost,omitempty"`
	MaxCost *uint64         `json:"maxCost,omitempty"`
	UsesOld *bool           `json:"usesOldSelf,omitempty"`
}

func text(v ref.Val) string {
	switch t := v.(type) {
	case types.Bool:
		return strconv.FormatBool(bool(t))
	case types.Int:
		return strconv.FormatInt(int64(t), 10)
	case types.Uint:
		return strconv.FormatUint(uint64(t), 10) + "u"
	case types.Double:
		s := strconv.FormatFloat(float64(t), 'g', -1, 64)
		if !strings.ContainsAny(s, ".eIN") {
			s += ".0"
		}
		return s
	case types.String:
		return strconv.Quote(string(t))
	case types.Bytes:
		return fmt.Sprintf("b%x", []byte(t))
	case types.Null:
		return "null"
	case types.Timestamp:
		return "timestamp(" + t.Time.UTC().Format(time.RFC3339Nano) + ")"
	case types.Duration:
		return "duration(" + strconv.FormatInt(int64(t.Duration), 10) + ")"
	case *types.Optional:
		if !t.HasValue() {
			return "optional.none()"
		}
		return "optional.of(" + text(t.GetValue()) + ")"
	case *types.Type:
		return "type(" + t.TypeName() + ")"
	}
	if l, ok := v.(traits.Lister); ok {
		var parts []string
		n := int(l.Size().(types.Int))
		for i := 0; i < n; i++ {
			parts = append(parts, text(l.Get(types.Int(i))))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	if m, ok := v.(traits.Mapper); ok {
		var parts []string
		for it := m.Iterator(); it.HasNext() == types.True; {
			k := it.Next()
			parts = append(parts, text(k)+": "+text(m.Get(k)))
		}
		sort.Strings(parts)
		return "{" + strings.Join(parts, ", ") + "}"
	}
	switch t := v.(type) {
	case k8scel.Quantity:
		return "quantity(" + strconv.FormatFloat(t.Quantity.AsApproximateFloat64(), 'g', -1, 64) + ")"
	case *k8scel.Quantity:
		return "quantity(" + strconv.FormatFloat(t.Quantity.AsApproximateFloat64(), 'g', -1, 64) + ")"
	case k8scel.URL:
		return "url(" + t.URL.String() + ")"
	case k8scel.IP:
		return "ip(" + t.Addr.String() + ")"
	case k8scel.CIDR:
		return "cidr(" + t.Prefix.String() + ")"
	case k8scel.Semver:
		return "semver(" + t.Version.String() + ")"
	}
	return v.Type().TypeName()
}

func fluxEnv(checked bool, vars map[string]any) (*cel.Env, error) {
	opts := []cel.EnvOption{
		cel.HomogeneousAggregateLiterals(), cel.EagerlyValidateDeclarations(true), cel.DefaultUTCTimeZone(true),
		cel.CrossTypeNumericComparisons(true), cel.OptionalTypes(), ext.Strings(), ext.Sets(), ext.Encoders(),
	}
	if checked {
		for name := range vars {
			opts = append(opts, cel.Variable(name, cel.DynType))
		}
	}
	return cel.NewEnv(opts...)
}

func str(s string) *string { return &s }

func run(c *Case) {
	defer func() {
		if r := recover(); r != nil {
			c.Error = str(fmt.Sprintf("panic: %v", r))
		}
	}()
	vars := map[string]any{}
	if c.Vars != nil {
		var err error
		if vars, err = decodeMap(c.Vars); err != nil {
			panic(err)
		}
	}
	switch c.Env {
	case "flux", "flux-checked":
		env, err := fluxEnv(c.Env == "flux-checked", vars)
		if err != nil {
			panic(err)
		}
		var ast *cel.Ast
		var issues *cel.Issues
		if c.Env == "flux" {
			ast, issues = env.Parse(c.Expr)
		} else {
			ast, issues = env.Compile(c.Expr)
		}
		if issues != nil && issues.Err() != nil {
			c.Compile = str(issues.Err().Error())
			return
		}
		prg, err := env.Program(ast, cel.EvalOptions(cel.OptOptimize), cel.InterruptCheckFrequency(100))
		if err != nil {
			c.Compile = str("program: " + err.Error())
			return
		}
		out, _, err := prg.ContextEval(context.Background(), vars)
		finish(c, out, err)
	case "kube", "kube-new":
		set := environment.MustBaseEnvSet(version.MajorMinor(1, 33), true)
		var o []cel.EnvOption
		for name := range vars {
			o = append(o, cel.Variable(name, cel.DynType))
		}
		ext, err := set.Extend(environment.VersionedOptions{IntroducedVersion: version.MajorMinor(1, 0), EnvOptions: o})
		if err != nil {
			panic(err)
		}
		env := ext.StoredExpressionsEnv()
		if c.Env == "kube-new" {
			env = ext.NewExpressionsEnv()
		}
		ast, issues := env.Compile(c.Expr)
		if issues != nil && issues.Err() != nil {
			c.Compile = str(issues.Err().Error())
			return
		}
		prg, err := env.Program(ast, cel.CostLimit(celconfig.PerCallLimit), cel.InterruptCheckFrequency(celconfig.CheckFrequency))
		if err != nil {
			c.Compile = str("program: " + err.Error())
			return
		}
		out, details, err := prg.ContextEval(context.Background(), vars)
		if details != nil {
			c.Cost = details.ActualCost()
		}
		finish(c, out, err)
	case "crd":
		var v1 apiextensionsv1.JSONSchemaProps
		if err := json.Unmarshal(c.Schema, &v1); err != nil {
			panic(err)
		}
		var internal apiextensions.JSONSchemaProps
		if err := apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(&v1, &internal, nil); err != nil {
			panic(err)
		}
		s, err := schema.NewStructural(&internal)
		if err != nil {
			panic(err)
		}
		root := s.XEmbeddedResource
		s.XValidations = apiextensionsv1.ValidationRules{{Rule: c.Expr}}
		if c.OptOld {
			t := true
			s.XValidations[0].OptionalOldSelf = &t
		}
		decl := model.SchemaDeclType(s, root)
		if root {
			s = model.WithTypeAndObjectMeta(s)
		}
		res, err := schemacel.Compile(s, decl, celconfig.PerCallLimit, environment.MustBaseEnvSet(version.MajorMinor(1, 33), true), schemacel.StoredExpressionsEnvLoader())
		if err != nil {
			c.Compile = str("fail: " + err.Error())
			return
		}
		r := res[0]
		if r.Error != nil {
			c.Compile = str(r.Error.Error())
			return
		}
		if r.Program == nil {
			c.Compile = str("empty")
			return
		}
		c.MaxCost = &r.MaxCost
		if r.UsesOldSelf {
			c.UsesOld = &r.UsesOldSelf
		}
		if c.Self == nil {
			return
		}
		act := map[string]any{}
		self, err := decode(c.Self)
		if err != nil {
			panic(err)
		}
		act["self"] = common.UnstructuredToVal(self, &model.Structural{Structural: s})
		if c.OldSelf != nil {
			old, err := decode(c.OldSelf)
			if err != nil {
				panic(err)
			}
			v := common.UnstructuredToVal(old, &model.Structural{Structural: s})
			if c.OptOld {
				act["oldSelf"] = types.OptionalOf(v)
			} else {
				act["oldSelf"] = v
			}
		} else if c.OptOld {
			act["oldSelf"] = types.OptionalNone
		}
		out, details, err := r.Program.ContextEval(context.Background(), act)
		if details != nil {
			c.Cost = details.ActualCost()
		}
		finish(c, out, err)
	default:
		panic("unknown env " + c.Env)
	}
}

func finish(c *Case, out ref.Val, err error) {
	if err != nil {
		c.Error = str(err.Error())
		return
	}
	c.Result = str(text(out))
}

func decode(raw json.RawMessage) (any, error) {
	d := json.NewDecoder(strings.NewReader(string(raw)))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	return numbers(v), nil
}

func decodeMap(raw json.RawMessage) (map[string]any, error) {
	v, err := decode(raw)
	if err != nil {
		return nil, err
	}
	return v.(map[string]any), nil
}

// Integers as int64, as Kubernetes decodes JSON.
func numbers(v any) any {
	switch t := v.(type) {
	case json.Number:
		if i, err := t.Int64(); err == nil {
			return i
		}
		f, _ := t.Float64()
		return f
	case []any:
		for i := range t {
			t[i] = numbers(t[i])
		}
	case map[string]any:
		for k := range t {
			t[k] = numbers(t[k])
		}
	}
	return v
}

func main() {
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 1<<24)
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	for in.Scan() {
		line := strings.TrimSpace(in.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		var c Case
		if err := json.Unmarshal([]byte(line), &c); err != nil {
			fmt.Fprintln(os.Stderr, line, err)
			os.Exit(1)
		}
		c.Result, c.Error, c.Compile, c.Cost, c.MaxCost, c.UsesOld = nil, nil, nil, nil, nil, nil
		run(&c)
		_ = out.Encode(&c)
	}
}
