// SPDX-License-Identifier: Apache-2.0
#include "common/kustomize/node_path.h"

#include <re2/re2.h>

#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"
#include "common/kustomize/node_read.h"
#include "common/kustomize/node_value.h"
#include "common/kustomize/node_write.h"

namespace sluice::kustomize {
namespace {

constexpr int kLast = -1;

// Go's strconv.Atoi.
std::optional<int> ParseIndex(absl::string_view step) {
  absl::string_view digits = step;
  if (!digits.empty() && (digits[0] == '-' || digits[0] == '+')) digits.remove_prefix(1);
  if (digits.empty()) return std::nullopt;
  for (char c : digits) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(c))) return std::nullopt;
  }
  int number = 0;
  if (!absl::SimpleAtoi(step, &number)) return std::nullopt;
  return number;
}

struct Entry {
  absl::string_view key;
  absl::string_view value;
};

absl::StatusOr<Entry> ParseEntry(absl::string_view step) {
  absl::string_view inside = absl::StripPrefix(absl::StripSuffix(step, "]"), "[");
  const size_t equals = inside.find('=');
  if (equals == absl::string_view::npos) {
    return absl::InvalidArgumentError(absl::StrCat(
        "list path element must contain fieldName=fieldValue for element to match, not \"", step,
        "\""));
  }
  return Entry{inside.substr(0, equals), inside.substr(equals + 1)};
}

// What must stand at the current step so that `next` can be taken.
Node::Kind KindFor(absl::string_view next, Node::Kind last) {
  if (IsListIndex(next) || IsIndexNumber(next)) return Node::Kind::kList;
  return next.empty() ? last : Node::Kind::kMap;
}

Node* NewOfKind(NodeArena& arena, Node::Kind kind) {
  Node* node = arena.New();
  node->kind = kind;
  return node;
}

Node* NewEntry(NodeArena& arena, const Entry& entry) {
  if (entry.key.empty()) return arena.Scalar(entry.value);
  Node* map = arena.Map();
  AppendField(arena, map, entry.key, arena.Scalar(entry.value));
  return map;
}

absl::StatusOr<Node*> EntryOf(NodeArena* arena, Node* list, absl::string_view step) {
  ASSIGN_OR_RETURN(const Entry entry, ParseEntry(step));
  RETURN_IF_ERROR(ExpectKind(list, Node::Kind::kList));
  for (Node* item : list->content) {
    if (entry.key.empty()) {
      if (item->text == entry.value) return item;
      continue;
    }
    if (item->kind != Node::Kind::kMap && !IsMissingOrNull(item)) continue;
    const Node* field = IsMissingOrNull(item) ? nullptr : FieldOf(item, entry.key);
    if (field != nullptr && field->text == entry.value) return item;
  }
  if (arena == nullptr) return nullptr;
  list->content.push_back(NewEntry(*arena, entry));
  return list->content.back();
}

absl::StatusOr<Node*> ItemAt(Node* list, int index) {
  RETURN_IF_ERROR(ExpectKind(list, Node::Kind::kList));
  if (list->content.empty()) return nullptr;
  if (index == kLast) return list->content.back();
  if (static_cast<size_t>(index) >= list->content.size()) return nullptr;
  return list->content[static_cast<size_t>(index)];
}

// One step down; `arena` is null when nothing is to be made.
absl::StatusOr<Node*> Step(NodeArena* arena, Node* node, absl::string_view step,
                           absl::string_view next, Node::Kind last) {
  if (const std::optional<int> index = ParseIndex(step); index.has_value()) {
    if (*index < 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("array index ", *index, " cannot be negative"));
    }
    return ItemAt(node, *index);
  }
  if (step == "-") return ItemAt(node, kLast);
  if (step == "*") {
    return absl::InvalidArgumentError("wildcard is not supported here; name one list entry");
  }
  if (IsListIndex(step)) return EntryOf(arena, node, step);
  if (IsMissingOrNull(node)) return nullptr;
  RETURN_IF_ERROR(ExpectKind(node, Node::Kind::kMap));
  Node* field = FieldOf(node, step);
  if (field == nullptr && arena != nullptr) {
    field = NewOfKind(*arena, KindFor(next, last));
    AppendField(*arena, node, step, field);
  }
  return field;
}

absl::StatusOr<Node*> Walk(NodeArena* arena, Node* node, std::span<const std::string> path,
                           Node::Kind last) {
  std::vector<absl::string_view> steps;
  steps.reserve(path.size());
  for (const std::string& raw : path) {
    const absl::string_view step = absl::StripAsciiWhitespace(raw);
    if (!step.empty()) steps.push_back(step);
  }
  for (size_t i = 0; i < steps.size(); ++i) {
    if (node == nullptr) return nullptr;
    const absl::string_view next = i + 1 < steps.size() ? steps[i + 1] : absl::string_view();
    ASSIGN_OR_RETURN(node, Step(arena, node, steps[i], next, last));
  }
  return node;
}

class Matcher {
 public:
  Matcher(NodeArena& arena, Node::Kind create) : arena_(arena), create_(create) {}

  // Adds what fits to found(). False when the path leads nowhere.
  absl::Status Run(Node* node, std::span<const std::string> path) {
    if (path.empty()) {
      found_.push_back(node);
      return absl::OkStatus();
    }
    const std::string& step = path[0];
    if (IsIndexNumber(step)) return AtIndex(node, path);
    if (IsListIndex(step)) return AtEntries(node, path, /*created=*/false);
    if (step == "*") {
      RETURN_IF_ERROR(ExpectKind(node, Node::Kind::kList));
      if (node == nullptr) return absl::OkStatus();
      const std::vector<Node*> items = node->content;
      for (Node* item : items) RETURN_IF_ERROR(Run(item, path.subspan(1)));
      return absl::OkStatus();
    }
    return AtField(node, path);
  }

  std::vector<Node*>& found() { return found_; }

 private:
  bool creating() const { return create_ != Node::Kind::kNone; }

  Node::Kind NextKind(std::span<const std::string> path) const {
    return KindFor(path.size() > 1 ? absl::string_view(path[1]) : absl::string_view(), create_);
  }

  absl::Status AtField(Node* node, std::span<const std::string> path) {
    Node* field = nullptr;
    if (!IsMissingOrNull(node)) {
      RETURN_IF_ERROR(ExpectKind(node, Node::Kind::kMap));
      field = FieldOf(node, path[0]);
    }
    if (field == nullptr) {
      if (!creating() || node == nullptr) return absl::OkStatus();
      field = NewOfKind(arena_, NextKind(path));
      AppendField(arena_, node, path[0], field);
    }
    if (field->is_scalar() && path.size() > 1 && !IsTaggedNull(field)) {
      ASSIGN_OR_RETURN(Node * inside, ReadNode(arena_, field->text));
      return Run(inside, path.subspan(1));
    }
    return Run(field, path.subspan(1));
  }

  absl::Status AtIndex(Node* node, std::span<const std::string> path) {
    const size_t index = static_cast<size_t>(*ParseIndex(path[0]));
    RETURN_IF_ERROR(ExpectKind(node, Node::Kind::kList));
    const size_t size = node == nullptr ? 0 : node->content.size();
    if (node != nullptr && size == index && creating()) {
      node->content.push_back(NewOfKind(arena_, NextKind(path)));
    } else if (size < index + 1) {
      return absl::NotFoundError(
          absl::StrCat("index ", index, " specified but only ", size, " elements found"));
    }
    return Run(node->content[index], path.subspan(1));
  }

  absl::Status AtEntries(Node* node, std::span<const std::string> path, bool created) {
    ASSIGN_OR_RETURN(const Entry entry, ParseEntry(path[0]));
    RETURN_IF_ERROR(ExpectKind(node, Node::Kind::kList));
    const re2::RE2 pattern(re2::StringPiece(entry.value.data(), entry.value.size()),
                           re2::RE2::Quiet);
    if (!pattern.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat("error parsing regexp in \"", path[0], "\": ", pattern.error()));
    }
    const size_t before = found_.size();
    if (node != nullptr) {
      const std::vector<Node*> items = node->content;
      for (Node* item : items) {
        const Node* value = entry.key.empty() ? item : FieldOf(item, entry.key);
        if (value == nullptr) continue;
        ASSIGN_OR_RETURN(const std::string text, WriteYaml(value));
        const absl::string_view trimmed = absl::StripAsciiWhitespace(text);
        if (!re2::RE2::PartialMatch(re2::StringPiece(trimmed.data(), trimmed.size()), pattern)) {
          continue;
        }
        if (entry.key.empty()) {
          found_.push_back(item);
        } else {
          RETURN_IF_ERROR(Run(item, path.subspan(1)));
        }
      }
    }
    if (found_.size() > before || !creating() || created || node == nullptr) {
      return absl::OkStatus();
    }
    node->content.push_back(NewEntry(arena_, entry));
    return AtEntries(node, path, /*created=*/true);
  }

  NodeArena& arena_;
  const Node::Kind create_;
  std::vector<Node*> found_;
};

}  // namespace

size_t FirstStep(absl::string_view path, char delimiter) {
  return absl::StartsWith(path, absl::string_view(&delimiter, 1)) ? 1 : 0;
}

absl::string_view TakeStep(absl::string_view path, char delimiter, size_t& at,
                           std::string& unescaped) {
  unescaped.clear();
  while (true) {
    const size_t end = path.find(delimiter, at);
    const bool last = end == absl::string_view::npos;
    const absl::string_view part = path.substr(at, last ? absl::string_view::npos : end - at);
    at = last ? absl::string_view::npos : end + 1;
    if (last || !absl::EndsWith(part, "\\")) {
      if (unescaped.empty()) return part;
      absl::StrAppend(&unescaped, part);
      return unescaped;
    }
    absl::StrAppend(&unescaped, part.substr(0, part.size() - 1), absl::string_view(&delimiter, 1));
  }
}

Path SplitPath(absl::string_view path, char delimiter) {
  Path steps;
  std::string unescaped;
  for (size_t at = FirstStep(path, delimiter); at != absl::string_view::npos;) {
    steps.emplace_back(TakeStep(path, delimiter, at, unescaped));
  }
  return steps;
}

Path SplitFieldPath(absl::string_view path) {
  const Path parts = SplitPath(path, '.');
  Path result;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (!absl::StartsWith(parts[i], "[") || absl::EndsWith(parts[i], "]")) {
      result.push_back(parts[i]);
      continue;
    }
    std::string joined = parts[i];
    while (i + 1 < parts.size()) {
      ++i;
      absl::StrAppend(&joined, ".", parts[i]);
      if (absl::EndsWith(parts[i], "]")) break;
    }
    if (!absl::StrContains(joined, "=")) {
      const size_t first = joined.find_first_not_of("[]");
      const size_t last = joined.find_last_not_of("[]");
      joined = first == std::string::npos ? "" : joined.substr(first, last - first + 1);
    }
    result.push_back(std::move(joined));
  }
  return result;
}

bool IsListIndex(absl::string_view step) {
  return absl::StartsWith(step, "[") && absl::EndsWith(step, "]");
}

bool IsIndexNumber(absl::string_view step) {
  const std::optional<int> index = ParseIndex(step);
  return index.has_value() && *index >= 0;
}

absl::StatusOr<Node*> Lookup(Node* node, std::span<const std::string> path) {
  return Walk(nullptr, node, path, Node::Kind::kNone);
}

absl::StatusOr<Node*> LookupCreate(NodeArena& arena, Node* node, std::span<const std::string> path,
                                   Node::Kind kind) {
  return Walk(&arena, node, path, kind);
}

absl::StatusOr<std::vector<Node*>> Match(NodeArena& arena, Node* node,
                                         std::span<const std::string> path, Node::Kind create) {
  Matcher matcher(arena, create);
  RETURN_IF_ERROR(matcher.Run(node, path));
  return std::move(matcher.found());
}

}  // namespace sluice::kustomize
