// Values while an expression is evaluated. Documents (common/value) are looked at where they are,
// never copied; what is computed lives in an Arena.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "common/cel/arena.h"
#include "common/cel/schema.h"
#include "common/value/value.h"

namespace sluice::cel {

class Value;
struct ListData;
struct MapData;

enum class Kind : uint8_t {
  kNull,
  kBool,
  kInt,
  kUint,
  kDouble,
  kString,
  kBytes,
  kList,
  kMap,
  kTimestamp,
  kDuration,
  kType,
  kOptional,
  kOpaque,   // of a library: a quantity, a URL, …
  kUntyped,  // a part of a document that has no schema: it can only be compared
  kError,    // the outcome of a failed step; what is absorbed by && and || and what ends it
};

// A value of a library's own type. Immutable.
class Opaque {
 public:
  virtual ~Opaque() = default;
  virtual absl::string_view type_name() const = 0;
  virtual bool Equals(const Opaque& other) const = 0;
  // As the library prints it.
  virtual std::string ToString() const = 0;
  // What costs are computed from.
  virtual uint64_t size() const { return 1; }
};

// Points in time lie between the years 1 and 9999.
struct Timestamp {
  int64_t seconds = 0;  // since 1970
  int32_t nanos = 0;    // 0 to 999,999,999
  int32_t offset = 0;   // of the zone it was written in, in seconds; only printing shows it

  friend auto operator<=>(const Timestamp& a, const Timestamp& b) {
    return a.seconds != b.seconds ? a.seconds <=> b.seconds : a.nanos <=> b.nanos;
  }
  friend bool operator==(const Timestamp& a, const Timestamp& b) { return (a <=> b) == 0; }
};

// 24 bytes, trivially copied. Refers to documents, the program and the arena, which outlive it.
class Value {
 public:
  Value() : kind_(Kind::kNull), number_(0), size_(0) {}
  static Value Bool(bool b) { return Value(Kind::kBool, b ? 1 : 0, 0); }
  static Value Int(int64_t i) { return Value(Kind::kInt, i, 0); }
  static Value Uint(uint64_t u) { return Value(Kind::kUint, static_cast<int64_t>(u), 0); }
  static Value Double(double d) {
    Value value(Kind::kDouble, 0, 0);
    value.double_ = d;
    return value;
  }
  // `text` is referred to.
  static Value String(absl::string_view text) { return Value(Kind::kString, text); }
  static Value Bytes(absl::string_view bytes) { return Value(Kind::kBytes, bytes); }
  // The name of a type.
  static Value TypeName(absl::string_view name) { return Value(Kind::kType, name); }
  static Value List(const ListData* list) { return Value(Kind::kList, list); }
  static Value Map(const MapData* map) { return Value(Kind::kMap, map); }
  static Value Time(Timestamp time) {
    const uint64_t offset = static_cast<uint32_t>(time.offset);
    return Value(Kind::kTimestamp, time.seconds,
                 static_cast<size_t>(time.nanos) | static_cast<size_t>(offset << 32));
  }
  static Value Duration(int64_t nanoseconds) { return Value(Kind::kDuration, nanoseconds, 0); }
  static Value None() { return Value(Kind::kOptional, static_cast<const void*>(nullptr)); }
  static Value Some(Value value, Arena& arena);
  static Value OfOpaque(const Opaque* opaque) { return Value(Kind::kOpaque, opaque); }

  // A document. With a schema, its strings may be points in time, durations or bytes, and what does
  // not fit the schema is an error.
  static Value Document(const value::Value& document, const Schema* schema, Arena& arena);

  // An error that && and || absorb.
  static Value Error(absl::string_view message, Arena& arena) {
    return Value(Kind::kError, arena.Copy(message));
  }
  // `message` is a literal.
  static constexpr Value StaticError(absl::string_view message) {
    return Value(Kind::kError, message);
  }
  static Value NoSuchOverload() { return StaticError("no such overload"); }
  // An error that ends the evaluation; `message` is a literal.
  static Value Abort(absl::string_view message) {
    Value value(Kind::kError, message);
    value.flag_ = true;
    return value;
  }

  Kind kind() const { return kind_; }
  bool is_error() const { return kind_ == Kind::kError; }
  bool is_abort() const { return kind_ == Kind::kError && flag_; }
  bool is_bool() const { return kind_ == Kind::kBool; }
  bool is_true() const { return kind_ == Kind::kBool && number_ != 0; }
  bool is_false() const { return kind_ == Kind::kBool && number_ == 0; }
  bool is_int() const { return kind_ == Kind::kInt; }
  bool is_string() const { return kind_ == Kind::kString; }
  bool is_list() const { return kind_ == Kind::kList; }
  bool is_map() const { return kind_ == Kind::kMap; }
  bool is_number() const {
    return kind_ == Kind::kInt || kind_ == Kind::kUint || kind_ == Kind::kDouble;
  }

  // Each for its kind only.
  bool boolean() const { return number_ != 0; }
  int64_t integer() const { return number_; }  // also nanoseconds of a duration
  uint64_t unsigned_integer() const { return static_cast<uint64_t>(number_); }
  double floating() const { return double_; }
  absl::string_view text() const { return {chars_, size_}; }  // string, bytes, type, error
  Timestamp timestamp() const {
    return {number_, static_cast<int32_t>(size_), static_cast<int32_t>(size_ >> 32)};
  }
  const Value* optional() const { return static_cast<const Value*>(pointer_); }  // null: none
  const Opaque& opaque() const { return *static_cast<const Opaque*>(pointer_); }
  const value::Value& document() const { return *static_cast<const value::Value*>(pointer_); }
  const Schema* schema() const { return schema_; }
  // Lists and maps: whether they are in a document.
  bool in_document() const { return flag_; }
  const ListData& list() const;
  const MapData& map() const;

  // The name of the value's type: "int", "google.protobuf.Timestamp".
  absl::string_view type_name() const;

 private:
  Value(Kind kind, int64_t number, size_t size) : kind_(kind), number_(number), size_(size) {}
  constexpr Value(Kind kind, absl::string_view text)
      : kind_(kind), chars_(text.data()), size_(text.size()) {}
  Value(Kind kind, const void* pointer) : kind_(kind), pointer_(pointer), size_(0) {}

  Kind kind_;
  bool flag_ = false;
  union {
    int64_t number_;
    double double_;
    const char* chars_;
    const void* pointer_;
  };
  union {
    size_t size_;
    const Schema* schema_;
  };
};

// A computed list.
struct ListData {
  const Value* items = nullptr;
  size_t size = 0;
  size_t capacity = 0;
  // Of a list that began as a set or map in a document: it stays one. Else null.
  const Schema* schema = nullptr;
};

// A computed map, in order of insertion.
struct MapData {
  struct Entry {
    Value key;
    Value value;
  };
  Entry* entries = nullptr;
  size_t size = 0;
  size_t capacity = 0;
  // Where to look for keys, from so many entries on: index + 1 by hash, 0 where there is none.
  uint32_t* slots = nullptr;
  size_t slot_count = 0;
};

// Lists and maps, of whichever form.
size_t Size(const Value& list_or_map);
Value ElementAt(const Value& list, size_t index, Arena& arena);
// The key and value at a place in the map's order.
Value KeyAt(const Value& map, size_t index, Arena& arena);
Value ValueAt(const Value& map, size_t index, Arena& arena);
// How many keys can be iterated over.
size_t KeyCount(const Value& map);

struct Found {
  bool present = false;
  Value value;  // or an error
};
// The value under `key`; numbers that are equal are the same key.
Found FindKey(const Value& map, const Value& key, Arena& arena);

// Makes lists. The items are in the arena.
Value MakeList(const Value* items, size_t count, Arena& arena);
// `list` and one more: in place where nothing else can be looking at the list's end.
Value Append(const Value& list, const Value& item, Arena& arena);
// The concatenation; sets and maps of documents stay what they are.
Value Concatenate(const Value& a, const Value& b, Arena& arena);

MapData* NewMap(size_t capacity, Arena& arena);
// Whether the key is new; otherwise its value is replaced.
bool Insert(MapData& map, const Value& key, const Value& value, Arena& arena);

}  // namespace sluice::cel
