// SPDX-License-Identifier: Apache-2.0
#include "common/notation/cbor.h"

#include "common/base/status_macros.h"

namespace sluice::notation {
namespace {

constexpr int kMaxDepth = 16;
// An item takes a hundred times its byte, and keys of a map are compared with one another.
constexpr int kMaxItems = 10'000;

class Reader {
 public:
  explicit Reader(absl::string_view rest) : rest_(rest) {}

  bool at_end() const { return rest_.empty(); }

  absl::StatusOr<Cbor> Item(int depth) {
    if (depth > kMaxDepth) return absl::InvalidArgumentError("CBOR: nested too deeply");
    if (++items_ > kMaxItems) return absl::InvalidArgumentError("CBOR: too many items");
    ASSIGN_OR_RETURN(const auto head, Head());
    const auto [major, argument] = head;
    Cbor item;
    switch (major) {
      case 0:
      case 1:
        if (argument > INT64_MAX) return absl::InvalidArgumentError("CBOR: number too large");
        item.kind = Cbor::Kind::kInteger;
        item.number = static_cast<int64_t>(argument);
        if (major == 1) item.number = -1 - item.number;
        return item;
      case 2:
      case 3:
        item.kind = major == 2 ? Cbor::Kind::kBytes : Cbor::Kind::kText;
        if (argument > rest_.size()) return Ends();
        item.text = std::string(rest_.substr(0, argument));
        rest_.remove_prefix(argument);
        return item;
      case 4:
        item.kind = Cbor::Kind::kArray;
        if (argument > rest_.size()) return Ends();  // each takes a byte at least
        for (uint64_t i = 0; i < argument; ++i) {
          ASSIGN_OR_RETURN(Cbor one, Item(depth + 1));
          item.items.push_back(std::move(one));
        }
        return item;
      case 5:
        return Map(argument, depth);
      case 6: {
        item.kind = Cbor::Kind::kTag;
        if (argument > INT64_MAX) return absl::InvalidArgumentError("CBOR: number too large");
        item.number = static_cast<int64_t>(argument);
        ASSIGN_OR_RETURN(Cbor one, Item(depth + 1));
        item.items.push_back(std::move(one));
        return item;
      }
      default:
        if (argument < 20 || argument > 22) {
          return absl::InvalidArgumentError("CBOR: unsupported simple value");
        }
        item.number = static_cast<int64_t>(argument);
        return item;
    }
  }

 private:
  static absl::Status Ends() { return absl::InvalidArgumentError("CBOR: ends too early"); }

  absl::StatusOr<Cbor> Map(uint64_t size, int depth) {
    Cbor item;
    item.kind = Cbor::Kind::kMap;
    if (size > rest_.size()) return Ends();
    for (uint64_t i = 0; i < size; ++i) {
      ASSIGN_OR_RETURN(Cbor key, Item(depth + 1));
      ASSIGN_OR_RETURN(Cbor value, Item(depth + 1));
      const bool known = key.is(Cbor::Kind::kInteger) || key.is(Cbor::Kind::kText);
      if (!known) return absl::InvalidArgumentError("CBOR: unsupported key of a map");
      if ((key.is(Cbor::Kind::kText) ? item.Find(key.text) : item.Find(key.number)) != nullptr) {
        return absl::InvalidArgumentError("CBOR: a map has a key twice");
      }
      item.keys.push_back(std::move(key));
      item.values.push_back(std::move(value));
    }
    return item;
  }

  absl::StatusOr<std::pair<int, uint64_t>> Head() {
    if (rest_.empty()) return Ends();
    const auto first = static_cast<unsigned char>(rest_[0]);
    rest_.remove_prefix(1);
    const int major = first >> 5;
    const int info = first & 31;
    if (info < 24) return std::make_pair(major, static_cast<uint64_t>(info));
    if (info > 27 || major == 7) {
      return absl::InvalidArgumentError("CBOR: unsupported length or simple value");
    }
    const size_t bytes = size_t{1} << (info - 24);
    if (rest_.size() < bytes) return Ends();
    uint64_t argument = 0;
    for (size_t i = 0; i < bytes; ++i) {
      argument = argument << 8 | static_cast<unsigned char>(rest_[i]);
    }
    rest_.remove_prefix(bytes);
    return std::make_pair(major, argument);
  }

  absl::string_view rest_;
  int items_ = 0;
};

}  // namespace

absl::StatusOr<Cbor> Cbor::Parse(absl::string_view bytes) {
  Reader reader(bytes);
  ASSIGN_OR_RETURN(Cbor item, reader.Item(0));
  if (!reader.at_end()) return absl::InvalidArgumentError("CBOR: there is something behind it");
  return item;
}

const Cbor* Cbor::Find(int64_t key) const {
  for (size_t i = 0; i < keys.size(); ++i) {
    if (keys[i].is(Kind::kInteger) && keys[i].number == key) return &values[i];
  }
  return nullptr;
}

const Cbor* Cbor::Find(absl::string_view key) const {
  for (size_t i = 0; i < keys.size(); ++i) {
    if (keys[i].is(Kind::kText) && keys[i].text == key) return &values[i];
  }
  return nullptr;
}

std::string CborHead(int major, uint64_t length) {
  std::string head;
  const auto put = [&head](uint64_t value, int bytes) {
    for (int i = bytes - 1; i >= 0; --i) head.push_back(static_cast<char>(value >> (8 * i)));
  };
  const int type = major << 5;
  if (length < 24) {
    head.push_back(static_cast<char>(type | static_cast<int>(length)));
  } else if (length < 256) {
    head.push_back(static_cast<char>(type | 24));
    put(length, 1);
  } else if (length < 65536) {
    head.push_back(static_cast<char>(type | 25));
    put(length, 2);
  } else {
    head.push_back(static_cast<char>(type | 26));
    put(length, 4);
  }
  return head;
}

}  // namespace sluice::notation
