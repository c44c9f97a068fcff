// The tables of a TOML document while it is read: what may be named once, twice or not any more, by
// the rules and in the words of BurntSushi/toml.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/gotmpl/value.h"

namespace sluice::sprig {

// The errors are kInvalidArgument and end the document: it is not read any further.
class TomlTables {
 public:
  using Key = std::vector<std::string>;

  // The table that is being filled.
  const Key& current() const { return current_; }
  // Goes on filling a table that was current before.
  void Return(const Key& table) { current_ = table; }

  // Makes `key` the current table, creating it and those that it lies in; with `in_list` a new one
  // at the end of a list of tables.
  absl::Status Open(const Key& key, bool in_list);
  // The same for a table that stands as the value of `name` in the current one.
  absl::Status OpenInline(const std::string& name, bool in_list);
  // Opens the tables that a key of several parts lies in.
  absl::Status OpenParents(const Key& key);
  // Puts a value into the current table.
  absl::Status Put(const std::string& name, const gotmpl::Value& value);
  // The value of `name` in the current table is a list.
  void MarkList(const std::string& name);

  gotmpl::Value ToValue() const { return ToValue(root_); }

 private:
  // What a key stands for so far.
  struct Entry {
    enum class Kind : uint8_t { kValue, kTable, kTables };
    Kind kind = Kind::kTable;
    gotmpl::Value value;                                // kValue
    std::map<std::string, Entry, std::less<>> members;  // kTable
    std::vector<Entry> tables;                          // kTables, the last one grows
  };

  static gotmpl::Value ToValue(const Entry& entry);
  // What only a longer key has named may be named once.
  absl::Status Set(const std::string& name, Entry entry);

  Entry root_;
  Key current_;
  std::set<Key> implicit_;  // tables that only a longer key has named
  std::set<Key> lists_;
};

}  // namespace sluice::sprig
