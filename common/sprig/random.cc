// SPDX-License-Identifier: Apache-2.0
#include "common/sprig/random.h"

#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/sprig/convert.h"
#include "common/sprig/sprig.h"
#include "common/text/utf8.h"

namespace sluice::sprig {
namespace {

using gotmpl::Call;
using gotmpl::Environment;
using gotmpl::Function;
using gotmpl::Value;
namespace types = gotmpl::types;

using Result = absl::StatusOr<Value>;

constexpr absl::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr absl::string_view kDigits = "0123456789";

std::string PrintableAscii() {
  std::string characters;
  for (char c = ' '; c < '\x7F'; ++c) characters += c;
  return characters;
}

Function RandomText(absl::string_view name, absl::string_view doc, std::string alphabet) {
  return {.name = name,
          .parameters = {&types::kInt},
          .result = &types::kString,
          .doc = doc,
          .code = [alphabet = std::move(alphabet)](Call& call) -> Result {
            const int64_t count = call.integer(0);
            if (count <= 0) return Value::String("");
            RETURN_IF_ERROR(call.session().CheckFunction(static_cast<uint64_t>(count)));
            ASSIGN_OR_RETURN(Environment* const environment, EnvironmentOf(call));
            std::string text(static_cast<size_t>(count), '\0');
            for (char& c : text) c = alphabet[RandomBelow(alphabet.size(), *environment)];
            return Value::String(text);
          }};
}

Result RandomBytes(Call& call) {
  const int64_t count = call.integer(0);
  if (count < 0) return Failure("runtime error: makeslice: len out of range");
  RETURN_IF_ERROR(call.session().CheckFunction(static_cast<uint64_t>(count)));
  ASSIGN_OR_RETURN(Environment* const environment, EnvironmentOf(call));
  return Value::String(absl::Base64Escape(environment->RandomBytes(static_cast<size_t>(count))));
}

Result RandomInt(Call& call) {
  const auto least = static_cast<uint64_t>(call.integer(0));
  const uint64_t range = static_cast<uint64_t>(call.integer(1)) - least;
  if (range == 0 || range > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
    return Failure("invalid argument to Intn");
  }
  ASSIGN_OR_RETURN(Environment* const environment, EnvironmentOf(call));
  return Value::Int(static_cast<int64_t>(least + RandomBelow(range, *environment)));
}

// Version 4 of RFC 9562.
Result Uuid(Call& call) {
  ASSIGN_OR_RETURN(Environment* const environment, EnvironmentOf(call));
  std::string bytes = environment->RandomBytes(16);
  bytes[6] = static_cast<char>((bytes[6] & 0x0F) | 0x40);
  bytes[8] = static_cast<char>((bytes[8] & 0x3F) | 0x80);
  const std::string hex = absl::BytesToHexString(bytes);
  return Value::String(absl::StrCat(hex.substr(0, 8), "-", hex.substr(8, 4), "-", hex.substr(12, 4),
                                    "-", hex.substr(16, 4), "-", hex.substr(20)));
}

// Fisher and Yates on the characters.
Result Shuffle(Call& call) {
  std::vector<char32_t> characters;
  for (absl::string_view rest = call.text(0); !rest.empty();) {
    const text::Decoded first = text::DecodeFirst(rest);
    characters.push_back(first.character);
    rest.remove_prefix(first.size);
  }
  if (characters.empty()) return call[0];
  ASSIGN_OR_RETURN(Environment* const environment, EnvironmentOf(call));
  for (size_t i = characters.size() - 1; i > 0; --i) {
    std::swap(characters[i], characters[RandomBelow(i + 1, *environment)]);
  }
  std::string shuffled;
  for (const char32_t character : characters) text::AppendCharacter(character, shuffled);
  return Value::String(shuffled);
}

}  // namespace

uint64_t RandomBelow(uint64_t limit, Environment& environment) {
  // The largest multiple of `limit` that 64 bits hold; what is not below it would favour the small.
  // Half of all numbers are below it at least, unless the bytes are not random.
  const uint64_t fair = std::numeric_limits<uint64_t>::max() / limit * limit;
  constexpr int kMaxTries = 128;
  uint64_t number = fair;
  for (int tries = 0; number >= fair && tries < kMaxTries; ++tries) {
    number = 0;
    for (const char byte : environment.RandomBytes(sizeof(number))) {
      number = number << 8 | static_cast<unsigned char>(byte);
    }
  }
  return number % limit;
}

absl::StatusOr<Environment*> EnvironmentOf(Call& call) {
  Environment* const environment = call.session().environment();
  if (environment == nullptr) {
    return absl::FailedPreconditionError("this rendering has neither time nor chance");
  }
  return environment;
}

std::vector<Function> RandomFunctions() {
  return {
      RandomText("randAlphaNum", "So many letters and digits by chance.",
                 absl::StrCat(kLetters, kDigits)),
      RandomText("randAlpha", "So many letters by chance.", std::string(kLetters)),
      RandomText("randNumeric", "So many digits by chance.", std::string(kDigits)),
      RandomText("randAscii", "So many printable ASCII characters by chance.", PrintableAscii()),
      {.name = "randBytes",
       .parameters = {&types::kInt},
       .result = &types::kString,
       .doc = "So many bytes by chance, in base64.",
       .code = RandomBytes},
      {.name = "randInt",
       .parameters = {&types::kInt, &types::kInt},
       .result = &types::kInt,
       .doc = "A number by chance, from the first argument up to the second, without it.",
       .code = RandomInt},
      {.name = "uuidv4", .result = &types::kString, .doc = "A UUID of version 4.", .code = Uuid},
      {.name = "shuffle",
       .parameters = {&types::kString},
       .result = &types::kString,
       .doc = "The characters of the text in an order by chance.",
       .code = Shuffle},
  };
}

}  // namespace sluice::sprig
