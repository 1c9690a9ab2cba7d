package status

import (
	"bytes"
	"encoding/json"
	"flag"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"gatelight/supervisor"
)

var writeSchema = flag.Bool("write-schema", false, "write schema.json anew")

// schema.json is for who reads the document in another language. It is made from
// the document's types: go test ./supervisor/status -run Schema -write-schema
func TestTheSchemaIsThatOfTheDocument(t *testing.T) {
	top := schemaOf(reflect.TypeFor[Document]())
	top["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	top["title"] = "gatelight status --json"
	var want bytes.Buffer
	out := json.NewEncoder(&want)
	out.SetIndent("", "  ")
	if err := out.Encode(top); err != nil {
		t.Fatal(err)
	}
	const path = "schema.json"
	if *writeSchema {
		if err := os.WriteFile(path, want.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want.Bytes()) {
		t.Error(path + " is not that of the document: write it anew with -write-schema")
	}
}

// enums are the values of the kinds that scripts tell apart. A Gatelight of
// tomorrow may have more of the others.
var enums = map[reflect.Type]any{
	reflect.TypeFor[supervisor.State](): supervisor.States,
}

func schemaOf(t reflect.Type) map[string]any {
	switch {
	case t == reflect.TypeFor[time.Time]():
		return map[string]any{"type": "string", "format": "date-time"}
	case t == reflect.TypeFor[netip.AddrPort]():
		return map[string]any{"type": "string"}
	case enums[t] != nil:
		return map[string]any{"type": "string", "enum": enums[t]}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return map[string]any{"anyOf": []any{schemaOf(t.Elem()), map[string]any{"type": "null"}}}
	case reflect.Slice:
		return map[string]any{"type": "array", "items": schemaOf(t.Elem())}
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.Int, reflect.Int64, reflect.Uint64:
		return map[string]any{"type": "integer"}
	case reflect.Float64:
		return map[string]any{"type": "number"}
	case reflect.String:
		return map[string]any{"type": "string"}
	case reflect.Struct:
		properties, required := map[string]any{}, []string{}
		for f := range fieldsOf(t) {
			name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
			properties[name] = schemaOf(f.Type)
			if !strings.Contains(options, "omit") {
				required = append(required, name)
			}
		}
		slices.Sort(required)
		return map[string]any{"type": "object", "properties": properties, "required": required}
	}
	panic("a document cannot have a " + t.String())
}

// fieldsOf are the fields of a struct, with those of embedded ones.
func fieldsOf(t reflect.Type) func(func(reflect.StructField) bool) {
	return func(yield func(reflect.StructField) bool) {
		for _, f := range reflect.VisibleFields(t) {
			if !f.Anonymous && !yield(f) {
				return
			}
		}
	}
}

// What is written agrees with the schema.
func TestDocumentsAgreeWithTheSchema(t *testing.T) {
	var schema any
	b, err := os.ReadFile("schema.json")
	if err == nil {
		err = json.Unmarshal(b, &schema)
	}
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d documents, %v", len(files), err)
	}
	for _, path := range files {
		var document any
		b, err := os.ReadFile(path)
		if err == nil {
			err = json.Unmarshal(b, &document)
		}
		if err != nil {
			t.Fatal(err)
		}
		disagree(schema.(map[string]any), document, path, func(where, what string) { t.Errorf("%s: %s", where, what) })
	}
}

// disagree reports where a value is not as the schema says, as far as schemaOf
// writes schemas.
func disagree(schema map[string]any, value any, where string, report func(where, what string)) {
	if choices, ok := schema["anyOf"].([]any); ok {
		if value != nil {
			disagree(choices[0].(map[string]any), value, where, report)
		}
		return
	}
	switch v := value.(type) {
	case map[string]any:
		properties, _ := schema["properties"].(map[string]any)
		required, _ := schema["required"].([]any)
		for _, name := range required {
			if _, ok := v[name.(string)]; !ok {
				report(where, name.(string)+" is missing")
			}
		}
		for name, inner := range v {
			if p, ok := properties[name].(map[string]any); ok {
				disagree(p, inner, where+"."+name, report)
			} else {
				report(where, name+" is not in the schema")
			}
		}
	case []any:
		if schema["type"] != "array" {
			report(where, "is a list")
			return
		}
		for _, inner := range v {
			disagree(schema["items"].(map[string]any), inner, where+"[]", report)
		}
	case string:
		if enum, ok := schema["enum"].([]any); schema["type"] != "string" || ok && !slices.Contains(enum, any(v)) {
			report(where, v+" is not allowed")
		}
	case bool:
		if schema["type"] != "boolean" {
			report(where, "is true or false")
		}
	case float64:
		if schema["type"] != "number" && (schema["type"] != "integer" || v != float64(int64(v))) {
			report(where, "is a number")
		}
	case nil:
		report(where, "is null")
	}
}
