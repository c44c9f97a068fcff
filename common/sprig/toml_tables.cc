// SPDX-License-Identifier: Apache-2.0
#include "common/sprig/toml_tables.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/sprig/toml_key.h"

namespace sluice::sprig {
namespace {

using gotmpl::List;
using gotmpl::Map;
using gotmpl::Value;

absl::Status Defined(const TomlTables::Key& key) {
  return absl::InvalidArgumentError(
      absl::StrCat("Key '", TomlKeyText(key), "' has already been defined."));
}

}  // namespace

Value TomlTables::ToValue(const Entry& entry) {
  switch (entry.kind) {
    case Entry::Kind::kValue:
      return entry.value;
    case Entry::Kind::kTable: {
      Map members;
      for (const auto& [name, member] : entry.members) members[name] = ToValue(member);
      return Value::FromMap(std::move(members));
    }
    case Entry::Kind::kTables: {
      List tables;
      for (const Entry& table : entry.tables) tables.push_back(ToValue(table));
      return Value::ListOf(gotmpl::types::kMaps, std::move(tables));
    }
  }
  return Value();
}

absl::Status TomlTables::Open(const Key& key, bool in_list) {
  Entry* table = &root_;
  Key path;
  for (size_t i = 0; i + 1 < key.size(); ++i) {
    path.push_back(key[i]);
    const auto [member, added] = table->members.try_emplace(key[i]);
    if (added) implicit_.insert(path);
    table = &member->second;
    if (table->kind == Entry::Kind::kTables) table = &table->tables.back();
    if (table->kind == Entry::Kind::kValue) {
      return absl::InvalidArgumentError(
          absl::StrCat("Key '", TomlKeyText(path), "' was already created as a hash."));
    }
  }
  current_ = path;
  if (in_list) {
    const auto [member, added] = table->members.try_emplace(key.back());
    if (added) member->second.kind = Entry::Kind::kTables;
    if (member->second.kind != Entry::Kind::kTables) {
      return absl::InvalidArgumentError(absl::StrCat(
          "Key '", TomlKeyText(key), "' was already created and cannot be used as an array."));
    }
    member->second.tables.emplace_back();
  } else {
    RETURN_IF_ERROR(Set(key.back(), Entry()));
  }
  current_.push_back(key.back());
  return absl::OkStatus();
}

absl::Status TomlTables::OpenInline(const std::string& name, bool in_list) {
  current_.push_back(name);
  implicit_.insert(current_);
  return Open(Key(current_), in_list);
}

absl::Status TomlTables::OpenParents(const Key& key) {
  for (size_t i = 0; i + 1 < key.size(); ++i) {
    Key parent = current_;
    parent.push_back(key[i]);
    implicit_.insert(parent);
    RETURN_IF_ERROR(Open(parent, /*in_list=*/false));
  }
  return absl::OkStatus();
}

absl::Status TomlTables::Put(const std::string& name, const Value& value) {
  return Set(name, {.kind = Entry::Kind::kValue, .value = value, .members = {}, .tables = {}});
}

void TomlTables::MarkList(const std::string& name) {
  Key key = current_;
  key.push_back(name);
  lists_.insert(std::move(key));
}

absl::Status TomlTables::Set(const std::string& name, Entry entry) {
  Entry* table = &root_;
  Key path;
  for (const std::string& part : current_) {
    path.push_back(part);
    table = &table->members[part];
    if (table->kind == Entry::Kind::kTables) table = &table->tables.back();
    if (table->kind == Entry::Kind::kValue) return Defined(path);
  }
  path.push_back(name);
  const auto [member, added] = table->members.try_emplace(name);
  if (added) {
    member->second = std::move(entry);
    return absl::OkStatus();
  }
  const bool implicit = implicit_.erase(path) > 0;
  if (!implicit) return Defined(path);
  if (lists_.contains(path)) member->second = std::move(entry);
  return absl::OkStatus();
}

}  // namespace sluice::sprig
