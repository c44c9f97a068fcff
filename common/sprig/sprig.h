// The functions that Helm leaves to templates and that need no chart: those of
// Masterminds/sprig 3.3 but for `env` and `expandenv`, and Helm's own between values and YAML, JSON
// and TOML. One record each, in families: AddFunctions() is the one list of these.
//
// Where Go panics, the function fails with the text of the panic. What Go leaves to chance (the
// order of `keys` and `values`) is sorted here. Time, chance and names of hosts come from the
// session's Environment.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "common/gotmpl/function.h"

namespace sluice::sprig {

// Whose functions.
enum class Dialect : uint8_t { kHelm3, kHelm4 };

void AddFunctions(gotmpl::FunctionTable& table, Dialect dialect = Dialect::kHelm4);

// lists.cc: lists made, taken apart and changed.
std::vector<gotmpl::Function> ListFunctions();
// dicts.cc: maps, and merging them.
std::vector<gotmpl::Function> DictFunctions();
// logic.cc: defaults, choices, types and kinds.
std::vector<gotmpl::Function> LogicFunctions();
// numbers.cc: integers, floating point and ranges. Go's arithmetic wraps around.
std::vector<gotmpl::Function> NumberFunctions();
// decimals.cc: arithmetic on decimal fractions.
std::vector<gotmpl::Function> DecimalFunctions();
// strings.cc: texts cut, padded and searched. Positions and lengths are in bytes.
std::vector<gotmpl::Function> StringFunctions();
// joining.cc: texts made of values and lists, and split into them.
std::vector<gotmpl::Function> JoiningFunctions();
// words.cc: the words of identifiers.
std::vector<gotmpl::Function> IdentifierFunctions();
// regex.cc: regular expressions of RE2.
std::vector<gotmpl::Function> RegexFunctions();
// paths.cc: the parts of paths.
std::vector<gotmpl::Function> PathFunctions();
// urls.cc: the parts of URLs.
std::vector<gotmpl::Function> UrlFunctions();
// encodings.cc: base64, base32 and checksums.
std::vector<gotmpl::Function> EncodingFunctions();
// documents.cc: YAML, JSON and TOML.
std::vector<gotmpl::Function> DocumentFunctions(Dialect dialect);
// dates.cc: times and durations.
std::vector<gotmpl::Function> DateFunctions();
// versions.cc: semantic versions.
std::vector<gotmpl::Function> VersionFunctions();
// random.cc: texts and numbers by chance.
std::vector<gotmpl::Function> RandomFunctions();
// secrets.cc: passwords, their digests, and encryption with them.
std::vector<gotmpl::Function> SecretFunctions();
// certificates.cc: private keys and certificates.
std::vector<gotmpl::Function> CertificateFunctions();
// network.cc: addresses of hosts.
std::vector<gotmpl::Function> NetworkFunctions();

}  // namespace sluice::sprig
