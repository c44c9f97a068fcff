// SPDX-License-Identifier: Apache-2.0
#include "common/git/advertisement.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"

namespace sluice::git {
namespace {

constexpr absl::string_view kPeeledSuffix = "^{}";
constexpr size_t kMaxCapabilities = 512;
// Of all names in a listing: 500,000 references have some 25 MiB.
constexpr size_t kMaxNameBytes = size_t{32} << 20;

absl::Status Unexpected(absl::string_view payload) {
  return absl::InvalidArgumentError(absl::StrCat(
      "unexpected line in the reference advertisement: \"", RemoteText(payload), "\""));
}

absl::Status AddCapability(absl::string_view text, Advertisement& advertisement) {
  if (text.empty()) return absl::OkStatus();
  if (advertisement.capabilities.size() >= kMaxCapabilities) {
    return absl::ResourceExhaustedError("the Git server advertises too many capabilities");
  }
  const std::pair<absl::string_view, absl::string_view> pair =
      absl::StrSplit(text, absl::MaxSplits('=', 1));
  // "symref=HEAD:refs/heads/main" may come several times; only HEAD's matters and it comes first.
  advertisement.capabilities.emplace(pair.first, pair.second);
  return absl::OkStatus();
}

}  // namespace

absl::Status RefBudget::Take(size_t name_bytes) {
  if (++seen_ > max_refs_) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the repository advertises more than ", max_refs_, " references"));
  }
  bytes_ += name_bytes;
  if (bytes_ <= kMaxNameBytes) return absl::OkStatus();
  return absl::ResourceExhaustedError(absl::StrCat(
      "the repository advertises references with more than ", kMaxNameBytes, " bytes of names"));
}

bool Advertisement::Has(absl::string_view capability) const {
  return capabilities.contains(std::string(capability));
}

bool Advertisement::Has(absl::string_view capability, absl::string_view word) const {
  const auto found = capabilities.find(std::string(capability));
  if (found == capabilities.end()) return false;
  for (absl::string_view part : absl::StrSplit(found->second, ' ')) {
    if (part == word) return true;
  }
  return false;
}

absl::Status AdvertisementReader::Take(const Packet& packet) {
  if (done_) return absl::OkStatus();
  if (packet.kind == Packet::Kind::kFlush) {
    if (preamble_) {
      preamble_ = false;
    } else {
      done_ = true;
    }
    return absl::OkStatus();
  }
  if (packet.kind != Packet::Kind::kData) return Unexpected("special packet");
  const absl::string_view text = packet.Text();
  if (absl::StartsWith(text, "ERR ")) return ErrorFromRemote(text.substr(4));
  if (first_ && absl::StartsWith(text, "# service=")) {
    first_ = false;
    preamble_ = true;
    return absl::OkStatus();
  }
  first_ = false;
  if (preamble_) return Unexpected(text);
  if (result_.version == 2) return AddCapability(text, result_);
  if (result_.refs.empty() && budget_.seen() == 0 && !has_capabilities_) {
    if (text == "version 2") {
      result_.version = 2;
      return absl::OkStatus();
    }
    if (text == "version 1") return absl::OkStatus();
  }
  if (absl::StartsWith(text, "shallow ")) return absl::OkStatus();
  return TakeRef(packet.payload);
}

absl::Status AdvertisementReader::TakeRef(absl::string_view payload) {
  const size_t nul = payload.find('\0');
  if (nul != absl::string_view::npos && !has_capabilities_) {
    has_capabilities_ = true;
    for (absl::string_view capability :
         absl::StrSplit(absl::StripSuffix(payload.substr(nul + 1), "\n"), ' ')) {
      RETURN_IF_ERROR(AddCapability(capability, result_));
    }
  }
  const absl::string_view line = absl::StripSuffix(payload.substr(0, nul), "\n");
  if (line.size() < ObjectId::kHexDigits + 2 || line[ObjectId::kHexDigits] != ' ') {
    return Unexpected(line);
  }
  const absl::StatusOr<ObjectId> id = ObjectId::Parse(line.substr(0, ObjectId::kHexDigits));
  if (!id.ok()) return Unexpected(line);
  absl::string_view name = line.substr(ObjectId::kHexDigits + 1);
  RETURN_IF_ERROR(budget_.Take(name.size()));
  if (id->IsZero()) return absl::OkStatus();  // "capabilities^{}": the repository is empty
  if (absl::ConsumeSuffix(&name, kPeeledSuffix)) {
    if (!result_.refs.empty() && result_.refs.back().name == name) result_.refs.back().peeled = *id;
    return absl::OkStatus();
  }
  if (!IsValidRefName(name)) return absl::OkStatus();
  RemoteRef ref{.name = std::string(name), .id = *id};
  const auto symref = result_.capabilities.find("symref");
  if (name == "HEAD" && symref != result_.capabilities.end() &&
      absl::StartsWith(symref->second, "HEAD:")) {
    ref.symref_target = symref->second.substr(5);
  }
  result_.refs.push_back(std::move(ref));
  return absl::OkStatus();
}

absl::Status RefListReader::Take(const Packet& packet) {
  if (done_) return absl::OkStatus();
  if (packet.kind == Packet::Kind::kFlush) {
    done_ = true;
    return absl::OkStatus();
  }
  if (packet.kind != Packet::Kind::kData) return Unexpected("special packet");
  const absl::string_view text = packet.Text();
  if (absl::StartsWith(text, "ERR ")) return ErrorFromRemote(text.substr(4));
  RETURN_IF_ERROR(budget_.Take(text.size()));
  const std::vector<absl::string_view> words = absl::StrSplit(text, ' ');
  if (words.size() < 2) return Unexpected(text);
  if (words[0] == "unborn") return absl::OkStatus();
  const absl::StatusOr<ObjectId> id = ObjectId::Parse(words[0]);
  if (!id.ok()) return Unexpected(text);
  if (!IsValidRefName(words[1])) return absl::OkStatus();
  RemoteRef ref{.name = std::string(words[1]), .id = *id};
  for (size_t i = 2; i < words.size(); ++i) {
    absl::string_view word = words[i];
    if (absl::ConsumePrefix(&word, "peeled:")) {
      const absl::StatusOr<ObjectId> peeled = ObjectId::Parse(word);
      if (!peeled.ok()) return Unexpected(text);
      ref.peeled = *peeled;
    } else if (absl::ConsumePrefix(&word, "symref-target:")) {
      ref.symref_target = std::string(word);
    }
  }
  refs_.push_back(std::move(ref));
  return absl::OkStatus();
}

bool IsValidRefName(absl::string_view name) {
  if (name == "HEAD") return true;
  if (name.size() > 1024 || !absl::StartsWith(name, "refs/") || absl::EndsWith(name, ".") ||
      absl::StrContains(name, "..") || absl::StrContains(name, "@{")) {
    return false;
  }
  for (absl::string_view part : absl::StrSplit(name, '/')) {
    if (part.empty() || part.front() == '.' || absl::EndsWith(part, ".lock")) return false;
  }
  for (char c : name) {
    if (static_cast<unsigned char>(c) <= ' ' || c == 0x7f) return false;
    if (absl::StrContains("~^:?*[\\", c)) return false;
  }
  return true;
}

absl::Status ErrorFromRemote(absl::string_view text) {
  // How the hosting services say so (the list is that of go-git 5, which Flux uses).
  for (absl::string_view phrase :
       {"Repository not found.", "repository does not exist.",
        "does not appear to be a git repository", "no such repository", "access denied",
        "Repository does not exist or you do not have access",
        "The project you were looking for could not be found"}) {
    if (absl::StrContains(text, phrase)) return absl::NotFoundError("repository not found");
  }
  return absl::FailedPreconditionError(absl::StrCat("the Git server refused: ", RemoteText(text)));
}

}  // namespace sluice::git
