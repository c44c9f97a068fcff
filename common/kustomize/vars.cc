// SPDX-License-Identifier: Apache-2.0
#include "common/kustomize/vars.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/kustomize/node_path.h"
#include "common/kustomize/node_value.h"
#include "common/value/yaml_scalar.h"

namespace sluice::kustomize {
namespace {

constexpr absl::string_view kDefaultPath = "metadata.name";

// What a var stands for: a text, and what kind of scalar it is where it stands alone.
struct VarValue {
  std::string text;
  Node::Tag tag = Node::Tag::kString;
};
// Nothing for values that are no scalars; those stay unreplaced.
using VarValues = absl::flat_hash_map<std::string, std::optional<VarValue>>;

// "ports[0]" is "ports", "0".
Path SplitIndexes(const Path& path) {
  Path result;
  for (const std::string& step : path) {
    const size_t open = step.rfind('[');
    const bool indexed =
        absl::EndsWith(step, "]") && open != std::string::npos && open + 2 < step.size() &&
        IsIndexNumber(absl::string_view(step).substr(open + 1, step.size() - open - 2));
    if (!indexed) {
      result.push_back(step);
      continue;
    }
    if (open > 0) result.push_back(step.substr(0, open));
    result.push_back(step.substr(open + 1, step.size() - open - 2));
  }
  return result;
}

absl::StatusOr<std::optional<VarValue>> ReadValue(const Resource& resource, const Var& var) {
  const absl::StatusOr<Node*> node =
      Lookup(resource.root, SplitIndexes(SplitFieldPath(var.field_path)));
  if (!node.ok() || *node == nullptr) {
    return absl::NotFoundError(absl::StrCat("field specified in var '", var.ToString(),
                                            "' not found in corresponding resource"));
  }
  if (!(*node)->is_scalar()) return std::nullopt;
  VarValue value{std::string((*node)->text)};
  const Node::Tag tag = (*node)->tag;
  if (tag == Node::Tag::kInt || tag == Node::Tag::kBool) value.tag = tag;
  if (tag == Node::Tag::kInt) {
    int64_t number = 0;
    if (!absl::SimpleAtoi(value.text, &number)) {
      return absl::InvalidArgumentError(absl::StrCat("field specified in var '", var.ToString(),
                                                     "' not found in corresponding resource"));
    }
    value.text = absl::StrCat(number);
  } else if (tag == Node::Tag::kBool) {
    value.text = absl::EqualsIgnoreCase(value.text, "true") ? "true" : "false";
  } else if (tag == Node::Tag::kFloat) {
    const value::YamlScalar scalar = value::ResolveYamlScalar(value.text, value::YamlDialect::kV3);
    value.text = value::FormatYamlFloat(scalar.kind == value::YamlScalar::Kind::kFloat
                                            ? scalar.number
                                            : static_cast<double>(scalar.integer));
    value.tag = tag;
  }
  return value;
}

// Replaces "$(NAME)" in `text`; "$$" stands for "$".
VarValue Expand(absl::string_view text, const VarValues& values) {
  VarValue result;
  size_t at = 0;
  while (at < text.size()) {
    const size_t dollar = text.find('$', at);
    if (dollar == absl::string_view::npos || dollar + 1 >= text.size()) break;
    absl::StrAppend(&result.text, text.substr(at, dollar - at));
    const char next = text[dollar + 1];
    if (next == '$') {
      result.text += '$';
      at = dollar + 2;
      continue;
    }
    const size_t close = next == '(' ? text.find(')', dollar + 2) : absl::string_view::npos;
    if (close == absl::string_view::npos) {
      absl::StrAppend(&result.text, text.substr(dollar, 2));
      at = dollar + 2;
      continue;
    }
    const absl::string_view name = text.substr(dollar + 2, close - dollar - 2);
    const auto it = values.find(name);
    const bool known = it != values.end() && it->second.has_value();
    if (known && dollar == 0 && close + 1 == text.size()) return *it->second;
    absl::StrAppend(&result.text, known ? absl::string_view(it->second->text)
                                        : text.substr(dollar, close + 1 - dollar));
    at = close + 1;
  }
  absl::StrAppend(&result.text, text.substr(at));
  return result;
}

class Replacer {
 public:
  Replacer(NodeArena& arena, const VarValues& values) : arena_(arena), values_(values) {}

  absl::Status Set(Node* node) const {
    if (IsMissingOrNull(node)) return absl::OkStatus();
    if (node->is_scalar()) {
      if (IsStringNode(node)) SetText(node);
      return absl::OkStatus();
    }
    if (node->is_map()) {
      for (size_t i = 0; i + 1 < node->content.size(); i += 2) {
        if (!IsStringNode(node->content[i])) {
          return absl::InvalidArgumentError(absl::StrCat("invalid map key: value='",
                                                         node->content[i]->text, "', tag='",
                                                         TagName(node->content[i]->tag), "'"));
        }
        if (IsStringNode(node->content[i + 1])) SetText(node->content[i + 1]);
      }
      return absl::OkStatus();
    }
    for (Node* item : node->content) {
      if (!IsStringNode(item)) {
        return absl::InvalidArgumentError("invalid value type expect a string");
      }
      SetText(item);
    }
    return absl::OkStatus();
  }

 private:
  void SetText(Node* node) const {
    VarValue value = Expand(node->text, values_);
    node->text = arena_.Keep(value.text);
    node->tag = value.tag;
    node->style = 0;
  }

  NodeArena& arena_;
  const VarValues& values_;
};

}  // namespace

absl::Status VarSet::Add(const Var& var) {
  Var complete = var;
  if (complete.field_path.empty()) complete.field_path = std::string(kDefaultPath);
  if (!vars_.emplace(var.name, std::move(complete)).second) {
    return absl::AlreadyExistsError(absl::StrCat("var '", var.name, "' already encountered"));
  }
  return absl::OkStatus();
}

absl::Status VarSet::Merge(const VarSet& other) {
  for (const auto& [name, var] : other.vars_) RETURN_IF_ERROR(Add(var));
  return absl::OkStatus();
}

absl::Status VarSet::Declare(ResMap& map, const std::vector<Var>& vars) {
  if (vars.empty()) return absl::OkStatus();
  BuildState& state = map.state();
  const auto failed = [&vars](const absl::Status& status) {
    return Annotate(status, absl::StrCat("merging vars [",
                                         absl::StrJoin(vars, " ",
                                                       [](std::string* out, const Var& var) {
                                                         absl::StrAppend(out, var.ToString());
                                                       }),
                                         "]"));
  };
  for (const Var& var : vars) {
    ResourceId wanted;
    wanted.gvk = {var.object.group, var.object.version, var.object.kind};
    wanted.name = var.object.name;
    wanted.namespace_name = var.object.namespace_name;
    const auto fits = [&wanted](const ResourceId& id) {
      // Without a namespace any will do.
      return wanted.namespace_name.empty() ? id.name == wanted.name && id.gvk == wanted.gvk
                                           : wanted.Equals(id);
    };
    std::vector<Resource*> matches;
    for (Resource* resource : map.resources()) {
      if (resource->deleted()) continue;
      bool matched = fits(state.CurrentId(*resource));
      for (size_t i = 0; i < resource->previous.size() && !matched; ++i) {
        matched = fits(state.PreviousIdAt(*resource, i));
      }
      if (matched) matches.push_back(resource);
    }
    if (matches.size() > 1) {
      return failed(absl::InvalidArgumentError(
          absl::StrCat("found ", matches.size(), " resId matches for var ", var.ToString(),
                       " (unable to disambiguate)")));
    }
    if (matches.size() == 1) matches[0]->var_names.push_back(var.name);
  }
  for (const Var& var : vars) {
    if (absl::Status status = Add(var); !status.ok()) return failed(status);
  }
  return absl::OkStatus();
}

absl::Status VarSet::Resolve(ResMap& map, const FieldSpecs& fields) const {
  if (vars_.empty()) return absl::OkStatus();
  VarValues values;
  for (const auto& [name, var] : vars_) {
    const auto& resources = map.resources();
    const auto source =
        std::find_if(resources.begin(), resources.end(), [&n = name](const Resource* resource) {
          return std::find(resource->var_names.begin(), resource->var_names.end(), n) !=
                 resource->var_names.end();
        });
    if (source == resources.end()) {
      return absl::NotFoundError(absl::StrCat(
          "var '", var.ToString(), "' cannot be mapped to a field in the set of known resources"));
    }
    ASSIGN_OR_RETURN(values[name], ReadValue(**source, var));
  }
  NodeArena& arena = map.state().arena();
  const Replacer replacer(arena, values);
  for (Resource* resource : map.resources()) {
    for (const FieldSpec& spec : fields) {
      RETURN_IF_ERROR(VisitField(arena, resource->root, spec, Creation{},
                                 [&](Node* node) { return replacer.Set(node); }));
    }
  }
  map.IdsChanged();
  return absl::OkStatus();
}

}  // namespace sluice::kustomize
