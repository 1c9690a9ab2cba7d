// Package plist writes and reads the few kinds of value that our property lists
// hold, in Apple's XML format (man 5 plist).
package plist

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// A Dict is a dictionary that keeps its order.
type Dict []Entry

// An Entry is one key. Its value is a string, bool, int, []string or Dict.
type Entry struct {
	Key   string
	Value any
}

// Get returns the value of a key, or nil.
func (d Dict) Get(key string) any {
	for _, e := range d {
		if e.Key == key {
			return e.Value
		}
	}
	return nil
}

const (
	head = xml.Header + `<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">` + "\n" + `<plist version="1.0">` + "\n"
	foot = "</plist>\n"
)

// Encode returns the property list of a dictionary.
func Encode(d Dict) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(head)
	if err := encode(&b, "", d); err != nil {
		return nil, err
	}
	b.WriteString(foot)
	return b.Bytes(), nil
}

func encode(b *bytes.Buffer, indent string, value any) error {
	element := func(name, text string) {
		b.WriteString(indent + "<" + name + ">")
		xml.EscapeText(b, []byte(text)) // a buffer takes everything
		b.WriteString("</" + name + ">\n")
	}
	switch v := value.(type) {
	case string:
		element("string", v)
	case int:
		element("integer", strconv.Itoa(v))
	case bool:
		fmt.Fprintf(b, "%s<%t/>\n", indent, v)
	case []string:
		b.WriteString(indent + "<array>\n")
		for _, s := range v {
			if err := encode(b, indent+"\t", s); err != nil {
				return err
			}
		}
		b.WriteString(indent + "</array>\n")
	case Dict:
		b.WriteString(indent + "<dict>\n")
		for _, e := range v {
			b.WriteString(indent + "\t<key>")
			xml.EscapeText(b, []byte(e.Key))
			b.WriteString("</key>\n")
			if err := encode(b, indent+"\t", e.Value); err != nil {
				return fmt.Errorf("%s: %w", e.Key, err)
			}
		}
		b.WriteString(indent + "</dict>\n")
	default:
		return fmt.Errorf("[unexpected] a property list of ours holds no %T", value)
	}
	return nil
}

// Decode reads a property list that is a dictionary. Kinds of value that
// Encode does not write are an error, and so is the binary format.
func Decode(data []byte) (Dict, error) {
	if bytes.HasPrefix(data, []byte("bplist")) {
		return nil, errors.New("it is a binary property list")
	}
	d := xml.NewDecoder(bytes.NewReader(data))
	start, err := next(d)
	if err != nil {
		return nil, err
	}
	if start == nil || start.Name.Local != "plist" {
		return nil, errors.New("it is no property list")
	}
	value, err := decodeNext(d)
	if err != nil {
		return nil, err
	}
	dict, ok := value.(Dict)
	if !ok {
		return nil, errors.New("its root is no dictionary")
	}
	return dict, nil
}

// next is the next element's start, or nil where the element around it ends.
func next(d *xml.Decoder) (*xml.StartElement, error) {
	for {
		token, err := d.Token()
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return nil, err
		}
		switch t := token.(type) {
		case xml.StartElement:
			return &t, nil
		case xml.EndElement:
			return nil, nil
		}
	}
}

// decodeNext reads one value, or nil where there is no more.
func decodeNext(d *xml.Decoder) (any, error) {
	start, err := next(d)
	if start == nil {
		return nil, err
	}
	switch name := start.Name.Local; name {
	case "string", "integer", "key":
		var text string
		if err := d.DecodeElement(&text, start); err != nil {
			return nil, err
		}
		switch name {
		case "integer":
			return strconv.Atoi(strings.TrimSpace(text))
		case "key":
			return key(text), nil
		}
		return text, nil
	case "true", "false":
		return name == "true", d.Skip()
	case "array":
		return decodeArray(d)
	case "dict":
		return decodeDict(d)
	default:
		return nil, fmt.Errorf("it holds a <%s>", name)
	}
}

// A key is told from a string, so that neither stands in the other's place.
type key string

func decodeArray(d *xml.Decoder) ([]string, error) {
	all := []string{}
	for {
		value, err := decodeNext(d)
		if value == nil || err != nil {
			return all, err
		}
		s, ok := value.(string)
		if !ok {
			return nil, fmt.Errorf("an array holds a %T", value)
		}
		all = append(all, s)
	}
}

func decodeDict(d *xml.Decoder) (Dict, error) {
	all := Dict{}
	for {
		name, err := decodeNext(d)
		if name == nil || err != nil {
			return all, err
		}
		k, ok := name.(key)
		if !ok {
			return nil, fmt.Errorf("a dictionary holds a %T where a key belongs", name)
		}
		value, err := decodeNext(d)
		if err != nil {
			return nil, err
		}
		if _, another := value.(key); value == nil || another {
			return nil, fmt.Errorf("%s has no value", k)
		}
		all = append(all, Entry{string(k), value})
	}
}
