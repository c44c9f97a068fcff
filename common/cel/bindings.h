// The values of an expression's variables.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"
#include "common/cel/schema.h"
#include "common/value/value.h"

namespace sluice::cel {

// Names and schemas and documents are referred to and must outlive the evaluation.
class Bindings {
 public:
  enum class Form : uint8_t {
    kValue,
    kOptional,  // an optional value; none if the document is null
  };

  // With a schema, the document is seen as it says (value.h).
  void Bind(absl::string_view name, const value::Value& document, const Schema* schema = nullptr) {
    entries_.push_back({name, &document, schema, Form::kValue});
  }
  // An optional value: none for a null pointer.
  void BindOptional(absl::string_view name, const value::Value* document,
                    const Schema* schema = nullptr) {
    entries_.push_back({name, document, schema, Form::kOptional});
  }
  // Every member of `object` is a variable of its name, unless one was bound by Bind.
  void BindMembers(const value::Value& object) { members_ = &object; }

  struct Entry {
    absl::string_view name;
    const value::Value* document = nullptr;
    const Schema* schema = nullptr;
    Form form = Form::kValue;
  };
  // An entry without a name if there is none.
  Entry Find(absl::string_view name) const {
    for (const Entry& entry : entries_) {
      if (entry.name == name) return entry;
    }
    if (members_ != nullptr) {
      if (const value::Value* member = members_->Find(name)) return {name, member};
    }
    return {};
  }

 private:
  absl::InlinedVector<Entry, 4> entries_;
  const value::Value* members_ = nullptr;
};

}  // namespace sluice::cel
