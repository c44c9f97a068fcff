// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/schema/duplicate_fields.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/devapi/schema/field_error.h"
#include "common/value/json.h"

namespace sluice::devapi {
namespace {

constexpr size_t kMaxFound = 100;

// A walk over the text that looks at nothing but names.
class Scanner {
 public:
  explicit Scanner(absl::string_view text) : text_(text) {}

  void ReadValue(const FieldPath& path, size_t depth) {
    if (depth > value::kMaxDepth) at_ = text_.size();
    SkipBlanks();
    if (Done()) return;
    if (text_[at_] == '{') {
      ReadObject(path, depth);
    } else if (text_[at_] == '[') {
      ReadArray(path, depth);
    } else if (text_[at_] == '"') {
      ReadString();
    } else {
      while (!Done() && text_[at_] != ',' && text_[at_] != '}' && text_[at_] != ']') ++at_;
    }
  }

  std::vector<std::string> Take() { return std::move(found_); }

 private:
  bool Done() const { return at_ >= text_.size(); }

  void SkipBlanks() {
    while (!Done() &&
           (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t' || text_[at_] == '\r')) {
      ++at_;
    }
  }

  // Moves past `mark`, and says whether there was one.
  bool Eat(char mark) {
    SkipBlanks();
    if (Done() || text_[at_] != mark) return false;
    ++at_;
    return true;
  }

  // The text between the quotes, as it is written.
  absl::string_view ReadString() {
    const size_t start = ++at_;
    while (!Done() && text_[at_] != '"') at_ += text_[at_] == '\\' ? 2 : 1;
    const size_t end = std::min(at_, text_.size());
    ++at_;
    return text_.substr(start, end - start);
  }

  void ReadObject(const FieldPath& path, size_t depth) {
    ++at_;
    std::vector<absl::string_view> names;
    if (Eat('}')) return;
    do {
      SkipBlanks();
      if (Done() || text_[at_] != '"') return;
      const absl::string_view name = ReadString();
      const FieldPath member = path.Child(name);
      if (std::find(names.begin(), names.end(), name) != names.end()) {
        if (found_.size() < kMaxFound) found_.push_back(member.ToString());
      } else if (names.size() < kMaxNames) {
        names.push_back(name);
      }
      if (!Eat(':')) return;
      ReadValue(member, depth + 1);
    } while (Eat(','));
    Eat('}');
  }

  void ReadArray(const FieldPath& path, size_t depth) {
    ++at_;
    if (Eat(']')) return;
    size_t index = 0;
    do {
      const FieldPath item = path.Index(index++);
      ReadValue(item, depth + 1);
    } while (Eat(','));
    Eat(']');
  }

  // So that a large map costs no more than it should; what comes after is not compared.
  static constexpr size_t kMaxNames = 256;

  absl::string_view text_;
  size_t at_ = 0;
  std::vector<std::string> found_;
};

}  // namespace

std::vector<std::string> DuplicateFields(absl::string_view json) {
  Scanner scanner(json);
  scanner.ReadValue(FieldPath(), 0);
  return scanner.Take();
}

}  // namespace sluice::devapi
