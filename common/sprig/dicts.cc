// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/sprig/convert.h"
#include "common/sprig/sprig.h"

namespace sluice::sprig {
namespace {

using gotmpl::Call;
using gotmpl::Function;
using gotmpl::Kind;
using gotmpl::List;
using gotmpl::Map;
using gotmpl::Session;
using gotmpl::Value;
namespace types = gotmpl::types;

using Result = absl::StatusOr<Value>;

absl::Status TooDeep(const Session& session) {
  return absl::ResourceExhaustedError(
      absl::StrCat("the value nests deeper than ", session.limits().value_depth));
}

// For members that are about to be made.
absl::Status ChargeMembers(Session& session, size_t count) {
  return session.ChargeElements(gotmpl::kElementsPerMember * count);
}

Result Dict(Call& call) {
  RETURN_IF_ERROR(ChargeMembers(call.session(), call.size() / 2 + 1));
  Map members;
  for (size_t i = 0; i < call.size(); i += 2) {
    ASSIGN_OR_RETURN(std::string key, ToText(call[i], call.session()));
    members[std::move(key)] = i + 1 < call.size() ? call[i + 1] : Value::String("");
  }
  return Value::FromMap(std::move(members));
}

Result Get(Call& call) {
  const Value* member = call[0].Find(call.text(1));
  return member != nullptr ? *member : Value::String("");
}

Result Set(Call& call) {
  if (call[0].is_nil()) return Failure("assignment to entry in nil map");
  RETURN_IF_ERROR(ChargeMembers(call.session(), 1));
  call.session().WillChange(call[0].map());
  (*call[0].map())[std::string(call.text(1))] = call[2];
  return call[0];
}

Result Unset(Call& call) {
  if (!call[0].is_nil()) call[0].map()->erase(std::string(call.text(1)));
  return call[0];
}

Result HasKey(Call& call) { return Value::Bool(call[0].Find(call.text(1)) != nullptr); }

Result Pluck(Call& call) {
  List found;
  for (const Value& dict : call.arguments().subspan(1)) {
    if (const Value* member = dict.Find(call.text(0))) found.push_back(*member);
  }
  return Value::FromList(std::move(found));
}

Result Keys(Call& call) {
  List keys;
  for (const Value& dict : call.arguments()) {
    if (dict.is_nil()) continue;
    RETURN_IF_ERROR(call.session().ChargeElements(dict.size()));
    for (const auto& [key, member] : *dict.map()) keys.push_back(Value::String(key));
  }
  return Value::ListOf(types::kStrings, std::move(keys));
}

Result Values(Call& call) {
  RETURN_IF_ERROR(call.session().ChargeElements(call[0].size()));
  List values;
  if (!call[0].is_nil()) {
    for (const auto& [key, member] : *call[0].map()) values.push_back(member);
  }
  return Value::FromList(std::move(values));
}

Result Pick(Call& call) {
  RETURN_IF_ERROR(ChargeMembers(call.session(), call.size()));
  Map picked;
  for (const Value& key : call.arguments().subspan(1)) {
    if (const Value* member = call[0].Find(key.text())) picked[std::string(key.text())] = *member;
  }
  return Value::FromMap(std::move(picked));
}

Result Omit(Call& call) {
  RETURN_IF_ERROR(ChargeMembers(call.session(), call[0].size()));
  Map kept;
  if (!call[0].is_nil()) kept = *call[0].map();
  for (const Value& key : call.arguments().subspan(1)) kept.erase(std::string(key.text()));
  return Value::FromMap(std::move(kept));
}

// dario.cat/mergo on maps. Without `overwrite` a member is taken where the target has none or an
// empty one; with it every member is, also an empty one or nil. Maps on both sides are merged, and
// what is not in the target is shared with the source, not copied.
absl::Status MergeInto(const std::shared_ptr<Map>& target, const Map& source, bool overwrite,
                       size_t depth, Session& session) {
  if (depth > session.limits().value_depth) return TooDeep(session);
  session.WillChange(target);
  for (const auto& [key, member] : source) {
    RETURN_IF_ERROR(session.ChargeStep());
    if (member.is_nil()) {
      if (overwrite) (*target)[key] = member;
      continue;
    }
    const auto present = target->find(key);
    if (present == target->end()) {
      RETURN_IF_ERROR(ChargeMembers(session, 1));
      (*target)[key] = member;
      continue;
    }
    const Value held = present->second;
    if (member.kind() == Kind::kMap && held.kind() == Kind::kMap && !held.is_nil()) {
      if (member.map() != held.map()) {
        RETURN_IF_ERROR(MergeInto(held.map(), *member.map(), overwrite, depth + 1, session));
      }
      if (held.size() > 0) continue;
    }
    if (overwrite || IsEmpty(held)) present->second = member;
  }
  return absl::OkStatus();
}

Result MergeAll(Call& call, bool overwrite) {
  Value target = call[0].is_nil() ? Value::NewMap() : call[0];
  for (const Value& source : call.arguments().subspan(1)) {
    if (source.is_nil() || source.map() == target.map()) continue;
    RETURN_IF_ERROR(MergeInto(target.map(), *source.map(), overwrite, 0, call.session()));
  }
  return target;
}

absl::StatusOr<Value> CopyOf(const Value& value, size_t depth, Session& session) {
  RETURN_IF_ERROR(session.ChargeStep());
  if (depth > session.limits().value_depth) return TooDeep(session);
  if (value.is_nil()) return value;
  if (value.kind() == Kind::kMap) {
    RETURN_IF_ERROR(ChargeMembers(session, value.size()));
    Map members;
    for (const auto& [key, member] : *value.map()) {
      ASSIGN_OR_RETURN(Value copy, CopyOf(member, depth + 1, session));
      members.emplace_hint(members.end(), key, std::move(copy));
    }
    return Value::MapOf(*value.type(), std::move(members));
  }
  if (value.kind() == Kind::kSlice && value.type()->elem != &types::kUint8) {
    RETURN_IF_ERROR(session.ChargeElements(value.size()));
    List items;
    items.reserve(value.size());
    for (const Value& item : value.items()) {
      ASSIGN_OR_RETURN(Value copy, CopyOf(item, depth + 1, session));
      items.push_back(std::move(copy));
    }
    return Value::ListOf(*value.type(), std::move(items));
  }
  return value;
}

absl::Status WrongType(const Value& value, absl::string_view wanted) {
  return Failure(absl::StrCat("interface conversion: interface {} is ",
                              value.is_untyped_nil() ? "nil" : value.type_name(), ", not ",
                              wanted));
}

Result Dig(Call& call) {
  if (call.size() < 3) return Failure("dig needs at least three arguments");
  Value dict = call[call.size() - 1];
  const size_t keys = call.size() - 2;
  if (dict.type() != &types::kMap) return WrongType(dict, types::kMap.name);
  for (size_t i = 0; i < keys; ++i) {
    if (call[i].type() != &types::kString) return WrongType(call[i], types::kString.name);
  }
  for (size_t i = 0; i < keys; ++i) {
    const Value* step = dict.Find(call.text(i));
    if (step == nullptr) return call[keys];
    const Value next = *step;
    if (i + 1 < keys && next.type() != &types::kMap) return WrongType(next, types::kMap.name);
    dict = next;
  }
  return dict;
}

std::vector<Function> MergeFunctions() {
  const std::vector<const gotmpl::Type*> maps = {&types::kMap, &types::kMap};
  std::vector<Function> functions;
  for (const absl::string_view name : {"merge", "mustMerge"}) {
    functions.push_back({.name = name,
                         .parameters = maps,
                         .variadic = true,
                         .doc = "Fills what the first map lacks from the others, in place.",
                         .code = [](Call& call) { return MergeAll(call, false); }});
  }
  for (const absl::string_view name : {"mergeOverwrite", "mustMergeOverwrite"}) {
    functions.push_back({.name = name,
                         .parameters = maps,
                         .variadic = true,
                         .doc = "Puts the members of the others into the first map, in place.",
                         .code = [](Call& call) { return MergeAll(call, true); }});
  }
  for (const absl::string_view name : {"deepCopy", "mustDeepCopy"}) {
    functions.push_back({.name = name,
                         .parameters = {&types::kAny},
                         .doc = "A copy that shares no map with the argument.",
                         .code = [](Call& call) -> Result {
                           // What copystructure says of nil.
                           if (call[0].is_untyped_nil()) {
                             return Failure("reflect: call of reflect.Value.Type on zero Value");
                           }
                           return CopyOf(call[0], 0, call.session());
                         }});
  }
  return functions;
}

}  // namespace

std::vector<Function> DictFunctions() {
  const gotmpl::Type* map = &types::kMap;
  const gotmpl::Type* string = &types::kString;
  std::vector<Function> functions = {
      {.name = "dict",
       .parameters = {&types::kAny},
       .variadic = true,
       .result = map,
       .doc = "A map of keys and values in turn.",
       .code = Dict},
      {.name = "get",
       .parameters = {map, string},
       .doc = "The member of the key, or an empty string.",
       .code = Get},
      {.name = "set",
       .parameters = {map, string, &types::kAny},
       .result = map,
       .doc = "The map after the member of the key was set in it.",
       .code = Set},
      {.name = "unset",
       .parameters = {map, string},
       .result = map,
       .doc = "The map after the member of the key was removed from it.",
       .code = Unset},
      {.name = "hasKey",
       .parameters = {map, string},
       .result = &types::kBool,
       .doc = "Whether the map has the key.",
       .code = HasKey},
      {.name = "pluck",
       .parameters = {string, map},
       .variadic = true,
       .result = &types::kList,
       .doc = "The members of the key in several maps.",
       .code = Pluck},
      {.name = "keys",
       .parameters = {map},
       .variadic = true,
       .result = &types::kStrings,
       .doc = "The keys of the maps, those of each sorted.",
       .code = Keys},
      {.name = "values",
       .parameters = {map},
       .result = &types::kList,
       .doc = "The members of the map in the order of their keys.",
       .code = Values},
      {.name = "pick",
       .parameters = {map, string},
       .variadic = true,
       .result = map,
       .doc = "A map of the members of these keys.",
       .code = Pick},
      {.name = "omit",
       .parameters = {map, string},
       .variadic = true,
       .result = map,
       .doc = "A map of the members of all other keys.",
       .code = Omit},
      {.name = "dig",
       .parameters = {&types::kAny},
       .variadic = true,
       .doc = "The member at a path of keys, or the default before the map.",
       .code = Dig},
  };
  for (Function& function : MergeFunctions()) functions.push_back(std::move(function));
  return functions;
}

}  // namespace sluice::sprig
