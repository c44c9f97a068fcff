// SPDX-License-Identifier: Apache-2.0

// Prints what Go's struct tags say about the fields of Kubernetes' built-in types and the OpenAPI
// schemas do not: whether a field is a pointer, may be left out when empty, and its Go type.
// Run it in a module that requires k8s.io/kubernetes v1.34.4 (with the usual replacements of its
// staging modules): go run . > go_fields.json
package main

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/scheme"
	apiregistration "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
)

var done = map[reflect.Type]bool{}
var out = map[string]map[string][2]string{}

func name(t reflect.Type) string {
	p := strings.Split(t.PkgPath(), "/")
	d := strings.Split(p[0], ".")
	for i, j := 0, len(d)-1; i < j; i, j = i+1, j-1 {
		d[i], d[j] = d[j], d[i]
	}
	return strings.Join(d, ".") + "." + strings.Join(p[1:], ".") + "." + t.Name()
}

var marshaler = reflect.TypeOf((*json.Marshaler)(nil)).Elem()

func visit(t reflect.Type) {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		visit(t.Elem())
		return
	case reflect.Struct:
	default:
		return
	}
	if done[t] {
		return
	}
	done[t] = true
	fields := map[string][2]string{}
	add(t, fields)
	out[name(t)] = fields
}

func add(t reflect.Type, fields map[string][2]string) {
	for i := 0; i < t.NumField(); i++ {
		f := t.Field(i)
		if !f.IsExported() {
			continue
		}
		tag := strings.Split(f.Tag.Get("json"), ",")
		if tag[0] == "-" {
			continue
		}
		opts := strings.Join(tag[1:], ",")
		if tag[0] == "" {
			ft := f.Type
			if ft.Kind() == reflect.Pointer {
				ft = ft.Elem()
			}
			if ft.Kind() == reflect.Struct {
				visitParts(ft)
				add(ft, fields)
			}
			continue
		}
		visit(f.Type)
		ft := f.Type
		empty := strings.Contains(opts, "omitempty")
		zero := strings.Contains(opts, "omitzero")
		k := ""
		switch ft.Kind() {
		case reflect.Pointer:
			ft = ft.Elem()
			k = "p"
			if !empty {
				k = "P"
			}
		case reflect.Struct:
			k = "S"
			if zero {
				k = "s"
			}
			if ft.Implements(marshaler) || reflect.PointerTo(ft).Implements(marshaler) {
				k = "M"
				if zero {
					k = "m"
				}
			}
		case reflect.Slice, reflect.Map:
			k = "o"
			if !empty {
				k = "N"
			}
		default:
			k = "o"
			if !empty {
				k = "R"
			}
		}
		fields[tag[0]] = [2]string{k, ft.String()}
	}
}

func visitParts(t reflect.Type) {
	for i := 0; i < t.NumField(); i++ {
		visit(t.Field(i).Type)
	}
}

func main() {
	s := runtime.NewScheme()
	scheme.AddToScheme(s)
	apiextensions.AddToScheme(s)
	apiregistration.AddToScheme(s)
	for _, t := range s.AllKnownTypes() {
		visit(t)
	}
	e := json.NewEncoder(os.Stdout)
	e.Encode(out)
}
