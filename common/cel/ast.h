// The tree that an expression is parsed into. Macros are expanded in it; && and || take all the
// operands of a chain at once.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/base/attributes.h"
#include "absl/strings/string_view.h"

namespace sluice::cel {

struct Type;
struct Overload;

struct Bytes {
  std::string data;
};
using Constant = std::variant<std::nullptr_t, bool, int64_t, uint64_t, double, std::string, Bytes>;

struct Expr;

// A loop over the elements of a list or the keys of a map, which every macro but has() becomes.
struct Comprehension {
  std::string variable;
  std::string second_variable;  // "" if there is none
  Expr* range = nullptr;
  std::string accumulator;
  Expr* initial = nullptr;
  Expr* condition = nullptr;
  Expr* step = nullptr;
  Expr* result = nullptr;
};

struct Expr {
  enum class Kind : uint8_t {
    kConstant,
    kIdent,          // name; with a leading dot if it was written
    kSelect,         // target.name; has(target.name) if test_only
    kCall,           // name(args), or target.name(args) if there is a target
    kList,           // args
    kMap,            // args: key, value, key, value, …
    kStruct,         // name{…}: args are the values, fields their names
    kComprehension,  // loop
  };

  Kind kind = Kind::kConstant;
  uint32_t offset = 0;  // in bytes, of the token that stands for the node: an operator, a name, "("
  uint32_t depth = 1;   // of the tree below, itself included
  bool test_only = false;
  std::string name;
  Constant constant;
  Expr* target = nullptr;
  std::vector<Expr*> args;
  std::vector<std::string> fields;
  // Of a list: one for each element. Of a map or struct: one for each entry.
  std::vector<bool> optional;
  std::vector<uint32_t> entry_offsets;  // of the colons of a map or struct
  std::unique_ptr<Comprehension> loop;

  // What the checker found out; null and empty if it did not run.
  std::shared_ptr<const Type> type;
  std::vector<const Overload*> overloads;
  bool is_type_name = false;  // the ident or select is the name of a type, `name`
};

// The nodes of one tree, which live as long as it does.
class Ast {
 public:
  Expr& New(Expr::Kind kind, uint32_t offset) ABSL_ATTRIBUTE_LIFETIME_BOUND {
    Expr& expr = nodes_.emplace_back();
    expr.kind = kind;
    expr.offset = offset;
    return expr;
  }

  Expr* root() const { return root_; }
  void set_root(Expr* root) { root_ = root; }

 private:
  std::deque<Expr> nodes_;
  Expr* root_ = nullptr;
};

// The tree as text, for tests: "_+_(1, x.y)", "__comprehension__(…)".
std::string Dump(const Expr& expr);

// "a.b.c" if `expr` is a name or a chain of selections from one; else "".
std::string QualifiedName(const Expr& expr);

}  // namespace sluice::cel
