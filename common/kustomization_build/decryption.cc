// SPDX-License-Identifier: Apache-2.0
#include "common/kustomization_build/decryption.h"

#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/fs/clean_path.h"
#include "common/fs/replaced_files.h"
#include "common/http/message.h"
#include "common/kube/object.h"
#include "common/kustomize/kustomization_file.h"
#include "common/sops/decrypt.h"
#include "common/value/json.h"
#include "common/value/yaml.h"

namespace sluice::kustomization_build {
namespace {

constexpr char kOptOut[] = "kustomize.toolkit.fluxcd.io/decrypt";
constexpr size_t kMaxFile = size_t{5} << 20;

// The lines of a decrypted file, and what stands in them behind the first "=" or ":".
void AddLines(absl::string_view plain, value::SecretTexts& secrets) {
  secrets.Add(plain);
  for (const absl::string_view line : absl::StrSplit(plain, '\n')) {
    const std::vector<absl::string_view> parts =
        absl::StrSplit(line, absl::MaxSplits(absl::ByAnyChar("=:"), 1));
    absl::string_view text = absl::StripAsciiWhitespace(parts.back());
    absl::ConsumeSuffix(&text, ",");
    for (const char* quote : {"\"", "'"}) {
      if (absl::ConsumePrefix(&text, quote)) absl::ConsumeSuffix(&text, quote);
    }
    secrets.Add(text);
  }
}

// What was encrypted in `before` and is plain in `after`.
void AddDecrypted(const Value& before, const Value& after, value::SecretTexts& secrets) {
  if (absl::StartsWith(before.str(), "ENC[")) return secrets.AddAll(after);
  for (const value::Member& member : before.members()) {
    AddDecrypted(member.value, after[member.key], secrets);
  }
  for (size_t i = 0; i < before.items().size(); ++i) {
    AddDecrypted(before.at(i), after.at(i), secrets);
  }
}

bool IsUrl(absl::string_view path) {
  const auto url = http::Url::Parse(path);
  return url.ok() && absl::StrContains(path, "://") && !url->host.empty();
}

// Finds and decrypts the files, folder by folder.
class SourceWalk {
 public:
  SourceWalk(const Context& ctx, const fs::Tree& tree, sops::KeyService& keys, bool verify_mac,
             value::SecretTexts& secrets)
      : ctx_(ctx), tree_(tree), keys_(keys), verify_mac_(verify_mac), secrets_(secrets) {}

  absl::StatusOr<fs::Replacements> Run(absl::string_view path) {
    // Depth first, as references are followed.
    std::vector<std::string> pending = {std::string(path)};
    std::set<std::string> visited;
    while (!pending.empty()) {
      RETURN_IF_ERROR(ctx_.Check());
      const std::string folder = std::move(pending.back());
      pending.pop_back();
      if (!visited.insert(folder).second) continue;
      const auto entry = tree_.Stat(folder);
      // A reference to a file, a URL, or to nothing: the build knows.
      if (!entry.ok() || entry->type != fs::EntryType::kDirectory) continue;
      ASSIGN_OR_RETURN(const Value kustomization, Load(folder));
      RETURN_IF_ERROR(Visit(folder, kustomization));
      std::vector<std::string> next;
      for (const char* field : {"resources", "components"}) {
        for (const Value& reference : kustomization[field].items()) {
          ASSIGN_OR_RETURN(std::string below, Resolve(folder, reference.str()));
          next.push_back(std::move(below));
        }
      }
      pending.insert(pending.end(), std::make_move_iterator(next.rbegin()),
                     std::make_move_iterator(next.rend()));
    }
    return std::move(files_);
  }

 private:
  // An absolute path starts at the artifact's root, and nothing leads out of it.
  static absl::StatusOr<std::string> Resolve(const std::string& folder, absl::string_view path) {
    return fs::SecureJoin(
        "", absl::StartsWith(path, "/") ? std::string(path) : absl::StrCat(folder, "/", path));
  }

  absl::StatusOr<Value> Load(const std::string& folder) {
    std::string found;
    for (const absl::string_view name : kustomize::kKustomizationFileNames) {
      ASSIGN_OR_RETURN(const std::string path, Resolve(folder, name));
      const auto entry = tree_.Stat(path);
      if (!entry.ok()) continue;
      if (entry->type != fs::EntryType::kFile) {
        return absl::FailedPreconditionError(
            absl::StrCat("expected ", name, " to be a regular file"));
      }
      if (!found.empty()) {
        return absl::FailedPreconditionError("found multiple kustomization files");
      }
      found = path;
    }
    if (found.empty()) return absl::NotFoundError("no kustomization file found");
    auto text = tree_.Read(found);
    if (!text.ok()) return Annotate(text.status(), "failed to read kustomization file");
    auto kustomization = value::ParseYaml(*text);
    if (!kustomization.ok()) {
      return Annotate(kustomization.status(),
                      absl::StrCat("failed to unmarshal kustomization file from '", found, "'"));
    }
    return kustomization;
  }

  absl::Status Visit(const std::string& folder, const Value& kustomization) {
    for (const Value& generator : kustomization["secretGenerator"].items()) {
      for (const Value& source : generator["files"].items()) {
        // "key=path"; the form goes by the key.
        const std::vector<absl::string_view> parts =
            absl::StrSplit(source.str(), absl::MaxSplits('=', 1));
        RETURN_IF_ERROR(DecryptFile(folder, parts.back(), sops::FormatForPath(parts.front())));
      }
      for (const Value& source : generator["envs"].items()) {
        const sops::Format format = sops::FormatForPath(source.str());
        RETURN_IF_ERROR(
            DecryptFile(folder, source.str(),
                        format == sops::Format::kBinary ? sops::Format::kDotenv : format));
      }
    }
    for (const Value& patch : kustomization["patches"].items()) {
      const absl::string_view path = patch["path"].str();
      if (path.empty() || IsUrl(path)) continue;
      RETURN_IF_ERROR(DecryptFile(folder, path, sops::FormatForPath(path)));
    }
    return absl::OkStatus();
  }

  absl::Status DecryptFile(const std::string& folder, absl::string_view reference,
                           sops::Format format) {
    ASSIGN_OR_RETURN(const std::string path, Resolve(folder, reference));
    if (files_.contains(path)) return absl::OkStatus();
    const auto entry = tree_.Stat(path);
    if (absl::IsNotFound(entry.status())) {
      return absl::NotFoundError(absl::StrCat("lstat ", path, ": no such file or directory"));
    }
    RETURN_IF_ERROR(entry.status());
    if (entry->type != fs::EntryType::kFile) {
      return absl::FailedPreconditionError(
          absl::StrCat("cannot decrypt irregular file as it has file mode type bits set: ", path));
    }
    if (entry->size > kMaxFile) {
      return absl::ResourceExhaustedError(absl::StrCat("cannot decrypt file with size (",
                                                       entry->size, " bytes) exceeding limit (",
                                                       kMaxFile, "): ", path));
    }
    ASSIGN_OR_RETURN(const std::string text, tree_.Read(path, kMaxFile));
    if (!sops::LooksEncrypted(text, format)) return absl::OkStatus();
    auto plain = sops::Decrypt(ctx_, text, format, format, keys_, {.verify_mac = verify_mac_});
    if (!plain.ok()) return Annotate(plain.status(), path);
    AddLines(*plain, secrets_);
    files_[path] = Secret(*std::move(plain));
    return absl::OkStatus();
  }

  const Context& ctx_;
  const fs::Tree& tree_;
  sops::KeyService& keys_;
  const bool verify_mac_;
  value::SecretTexts& secrets_;
  fs::Replacements files_;
};

bool OptedOut(const Value& object) {
  return absl::EqualsIgnoreCase(kube::Annotation(object, kOptOut), "disabled");
}

bool IsEncrypted(const Value& object) {
  const Value& mac = object["sops"]["mac"];
  return !mac.is_null() && !(mac.is_string() && mac.str().empty()) &&
         !((mac.is_object() || mac.is_array()) && mac.empty());
}

}  // namespace

absl::StatusOr<std::shared_ptr<const fs::Tree>> Decryption::DecryptSources(
    const Context& ctx, std::shared_ptr<const fs::Tree> tree, absl::string_view path) {
  auto files = SourceWalk(ctx, *tree, *keys_, verify_mac_, secrets_).Run(path);
  if (!files.ok()) return Annotate(files.status(), "error decrypting sources");
  if (files->empty()) return tree;
  return std::make_shared<fs::ReplacedFiles>(std::move(tree), *std::move(files));
}

absl::StatusOr<Value> Decryption::DecryptObject(const Context& ctx, const Value& object) {
  if (OptedOut(object)) return object;
  const std::string name = absl::StrCat(kube::Namespace(object), "/", kube::Name(object));
  if (IsEncrypted(object)) {
    // What the build added is no part of what was encrypted, so the MAC says nothing.
    auto plain = sops::Decrypt(ctx, value::FormatJson(object), sops::Format::kJson,
                               sops::Format::kJson, *keys_, {.verify_mac = false});
    if (!plain.ok()) {
      return Annotate(plain.status(), absl::StrCat("failed to decrypt and format '", name, "' ",
                                                   object["kind"].str(), " data"));
    }
    const Secret text(*std::move(plain));
    ASSIGN_OR_RETURN(Value decrypted, value::ParseJson(text.Reveal()));
    AddDecrypted(object, decrypted, secrets_);
    if (object["kind"].str() == "Secret") secrets_.AddSecret(decrypted);
    return decrypted;
  }
  if (object["kind"].str() != "Secret") return object;
  Value decrypted = object;
  for (const value::Member& member : object["data"].members()) {
    std::string text;
    // The API server says what is wrong with what is no base64.
    if (!member.value.is_string() || !absl::Base64Unescape(member.value.str(), &text)) continue;
    const std::optional<sops::Format> format = sops::DetectFormat(text);
    if (!format.has_value()) continue;
    auto plain = sops::Decrypt(ctx, text, *format, sops::FormatForPath(member.key), *keys_,
                               {.verify_mac = verify_mac_});
    if (!plain.ok()) {
      return Annotate(plain.status(), absl::StrCat("failed to decrypt and format '", name,
                                                   "' Secret field '", member.key, "'"));
    }
    const Secret bytes(*std::move(plain));
    AddLines(bytes.Reveal(), secrets_);
    decrypted.Ensure("data").Set(member.key, absl::Base64Escape(bytes.Reveal()));
  }
  return decrypted;
}

absl::Status CheckNotEncrypted(const Value& object) {
  if (object["kind"].str() != "Secret" || object["apiVersion"].str() != "v1" ||
      !object.Has("sops") || OptedOut(object)) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(
      absl::StrCat(kube::Subject(object),
                   " is SOPS encrypted, configuring decryption is required for this secret to be "
                   "reconciled"));
}

}  // namespace sluice::kustomization_build
