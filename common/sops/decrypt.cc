// SPDX-License-Identifier: Apache-2.0
#include "common/sops/decrypt.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/crypto/digest.h"
#include "common/sops/crypt_rules.h"
#include "common/sops/encrypted_value.h"

namespace sluice::sops {
namespace {

// Decrypts in place what the rules say is encrypted, and digests the values on the way.
class Walk {
 public:
  Walk(const Metadata& metadata, const Secret& key)
      : metadata_(metadata),
        key_(key),
        rules_(metadata.rule),
        digester_(crypto::Algorithm::kSha512) {
    // Makes the MACs of the two kinds differ even where they are made over the same values.
    if (metadata.mac_only_encrypted) {
      digester_.Update(crypto::Digest(crypto::Algorithm::kSha256, "sops"));
    }
  }

  absl::Status Map(std::vector<Entry>& entries) {
    rules_.EnterCollection();
    for (Entry& entry : entries) {
      if (entry.comment) {
        rules_.Comment(entry.key);
        ASSIGN_OR_RETURN(const Node node, Comment(entry.key));
        entry.key = node.text;
        continue;
      }
      if (!entry.text_key) {
        return absl::InvalidArgumentError(
            "Tree contains a non-string key. Only string keys are supported");
      }
      rules_.EnterKey(entry.key);
      const absl::Status done = One(entry.value);
      rules_.LeaveKey();
      RETURN_IF_ERROR(done);
      rules_.EndOfItem();
    }
    rules_.LeaveCollection();
    return absl::OkStatus();
  }

  // Upper-case hex of the digest of all values; call once, last.
  std::string Mac() { return absl::AsciiStrToUpper(absl::BytesToHexString(digester_.Finish())); }

 private:
  absl::Status One(Node& node) {
    switch (node.kind) {
      case Node::Kind::kNull:
        return absl::OkStatus();
      case Node::Kind::kMap:
        return Map(node.entries);
      case Node::Kind::kList:
        return List(node.items);
      case Node::Kind::kUint:
        return absl::InvalidArgumentError(
            absl::StrCat("Cannot walk value, unknown type: ", GoTypeOf(node)));
      default:
        return Leaf(node);
    }
  }

  absl::Status List(std::vector<Node>& items) {
    rules_.EnterCollection();
    for (Node& item : items) {
      if (item.kind == Node::Kind::kComment) {
        rules_.Comment(item.text);
        ASSIGN_OR_RETURN(item, Comment(item.text));
        continue;
      }
      RETURN_IF_ERROR(One(item));
      rules_.EndOfItem();
    }
    rules_.LeaveCollection();
    return absl::OkStatus();
  }

  // Comments that older versions left unencrypted stay as they are. An empty one is no comment any
  // more afterwards, which makes it an element of a list, as in SOPS.
  absl::StatusOr<Node> Comment(absl::string_view text) {
    const bool encrypted = rules_.Encrypted(/*is_comment=*/true);
    Node node = Node::Text(Node::Kind::kComment, text);
    if (!encrypted) return node;
    // Those at the top are bound to the path of no key.
    auto decrypted = DecryptValue(text, key_, rules_.path().empty() ? ":" : rules_.path());
    if (!decrypted.ok()) return node;
    if (decrypted->kind != Node::Kind::kComment && decrypted->kind != Node::Kind::kString) {
      return absl::InvalidArgumentError(absl::StrCat(
          "walkValue of Comment should be either Comment or string, was ", GoTypeOf(*decrypted)));
    }
    Digest(*decrypted, encrypted);
    return decrypted;
  }

  absl::Status Leaf(Node& node) {
    const bool encrypted = rules_.Encrypted(/*is_comment=*/false);
    if (encrypted) {
      if (node.kind != Node::Kind::kString) {
        return absl::InvalidArgumentError(
            absl::StrCat("interface conversion: interface {} is ", GoTypeOf(node), ", not string"));
      }
      auto decrypted = DecryptValue(node.text, key_, rules_.path());
      if (!decrypted.ok()) return Annotate(decrypted.status(), "Could not decrypt value");
      node = *std::move(decrypted);
    }
    Digest(node, encrypted);
    return absl::OkStatus();
  }

  void Digest(const Node& node, bool encrypted) {
    if (node.kind == Node::Kind::kComment) return;
    if (encrypted || !metadata_.mac_only_encrypted) digester_.Update(BytesOf(node));
  }

  const Metadata& metadata_;
  const Secret& key_;
  CryptRules rules_;
  crypto::Digester digester_;
};

// The time as SOPS writes it: without fractions of seconds, "Z" for no offset.
std::string BoundTime(absl::string_view time) {
  std::string text(time);
  if (const size_t point = text.find('.'); point != std::string::npos) {
    size_t end = point + 1;
    while (end < text.size() && absl::ascii_isdigit(static_cast<unsigned char>(text[end]))) ++end;
    text.erase(point, end - point);
  }
  if (absl::EndsWith(text, "+00:00")) text.replace(text.size() - 6, 6, "Z");
  return text;
}

absl::Status CheckMac(const Metadata& metadata, const Secret& key, absl::string_view actual) {
  constexpr absl::string_view kWhat = "failed to verify sops data integrity";
  auto stored = DecryptValue(metadata.mac, key, BoundTime(metadata.last_modified));
  if (!stored.ok()) return Annotate(stored.status(), kWhat);
  if (crypto::ConstantTimeEquals(stored->text, actual)) return absl::OkStatus();
  // Both are digests of what is secret, so neither is told.
  return absl::PermissionDeniedError(
      absl::StrCat(kWhat, stored->text.empty() ? ": the document has no MAC"
                                               : ": the MAC does not match the document's values"));
}

}  // namespace

absl::StatusOr<std::string> Decrypt(const Context& ctx, absl::string_view text, Format input,
                                    Format output, KeyService& service,
                                    const DecryptOptions& options) {
  auto file = LoadEncrypted(text, input);
  if (!file.ok()) {
    return Annotate(file.status(),
                    absl::StrCat("failed to load encrypted ", FormatName(input), " data"));
  }
  const auto key = RecoverDataKey(ctx, file->metadata, service);
  if (!key.ok()) return Annotate(key.status(), "cannot get sops data key");
  Walk walk(file->metadata, *key);
  for (Document& document : file->documents) {
    if (const absl::Status walked = walk.Map(document); !walked.ok()) {
      return Annotate(walked, "error decrypting sops tree: Error walking tree");
    }
  }
  if (options.verify_mac) RETURN_IF_ERROR(CheckMac(file->metadata, *key, walk.Mac()));
  auto plain = EmitPlain(file->documents, output);
  if (!plain.ok()) {
    return Annotate(plain.status(), absl::StrCat("failed to emit encrypted ", FormatName(input),
                                                 " file as decrypted ", FormatName(output)));
  }
  return plain;
}

}  // namespace sluice::sops
