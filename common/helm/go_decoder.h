// Documents into typed fields as Go's sigs.k8s.io/yaml and encoding/json do it: names in any case,
// scalars printed where a text is wanted, the first thing that does not fit told at the end.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/value/value.h"

namespace sluice::helm {

class GoDecoder {
 public:
  // A member of the struct being read. `key` is in lower case.
  using Reader = absl::FunctionRef<void(absl::string_view key, const Value& value)>;

  // Reads the members of `document` as those of a Go struct `type` ("Metadata"), which is called
  // `full_name` ("chart.Metadata") where it is the whole document. Null is nothing.
  void Struct(const Value& document, absl::string_view type, absl::string_view full_name,
              Reader read);
  // A struct inside, in the field that is being read.
  void Nested(const Value& document, absl::string_view type, Reader read) {
    Struct(document, type, type, read);
  }

  // For use in a Reader: the value of the field that is being read. What does not fit leaves the
  // target as it is.
  void Text(const Value& value, std::string& target);
  void Bool(const Value& value, bool& target);
  void Texts(const Value& value, std::vector<std::string>& target);
  void TextMap(const Value& value, std::map<std::string, std::string>& target);
  // Whether it is a list; if not, that is told. `type` is Go's.
  bool List(const Value& value, absl::string_view type);

  // "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal …"
  const absl::Status& status() const { return status_; }

 private:
  void Refuse(const Value& value, absl::string_view type);

  absl::Status status_;
  std::string struct_;             // the innermost one being read
  std::vector<std::string> path_;  // the fields on the way
};

// As strconv prints it where YAML has a scalar and the program wants a text.
std::string ScalarText(const Value& value);

// The members of an object of values, "error unmarshaling JSON: …" for what is none; null is none.
absl::Status CheckIsTable(const Value& document);

}  // namespace sluice::helm
