// SPDX-License-Identifier: Apache-2.0
#include "cli/artifact/push.h"

#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "cli/artifact/artifact.h"
#include "cli/artifact/registry.h"
#include "cli/connection.h"
#include "cli/terminal.h"
#include "common/archive/gzip.h"
#include "common/archive/pack.h"
#include "common/base/status_macros.h"
#include "common/crypto/digest.h"
#include "common/disk/disk_tree.h"
#include "common/disk/temp_dir.h"
#include "common/fs/walk.h"
#include "common/gitignore/rules.h"
#include "common/value/json.h"
#include "common/value/yaml.h"

namespace sluice::cli {
namespace {

constexpr char kConfigType[] = "application/vnd.cncf.flux.config.v1+json";
constexpr char kContentType[] = "application/vnd.cncf.flux.content.v1.tar+gzip";
constexpr char kCreated[] = "org.opencontainers.image.created";
// What Flux leaves out of what it pushes.
constexpr char kDefaultIgnores[] =
    ".git/\n.gitignore\n.gitmodules\n.gitattributes\n*.jpg\n*.jpeg\n*.gif\n*.png\n*.wmv\n*.flv\n"
    "*.tar.gz\n*.zip\n";
constexpr size_t kMaxUnpacked = size_t{1} << 30;

struct PushOptions {
  RegistryOptions registry;
  std::string path;
  std::string source, revision;
  std::vector<std::string> annotations;  // key=value
  std::vector<std::string> ignores;
  std::string output;
  bool reproducible = false;
};

struct TagOptions {
  RegistryOptions registry;
  std::vector<std::string> tags;
};

struct DiffOptions {
  RegistryOptions registry;
  std::string path;
};

absl::StatusOr<gitignore::Rules> IgnoreRules(const std::vector<std::string>& more) {
  gitignore::Rules rules;
  RETURN_IF_ERROR(rules.Add(kDefaultIgnores));
  RETURN_IF_ERROR(rules.Add(absl::StrJoin(more, "\n")));
  return rules;
}

// The archive of the folder, the same for the same content.
absl::StatusOr<std::string> PackFolder(const std::string& path, const gitignore::Rules& rules) {
  ASSIGN_OR_RETURN(const auto tree, disk::DiskTree::Open(path));
  std::string packed;
  RETURN_IF_ERROR(archive::Pack(
      *tree,
      [&rules](absl::string_view name, const fs::Entry& entry) {
        return rules.Ignores(name, entry.type == fs::EntryType::kDirectory);
      },
      [&packed](absl::string_view bytes) {
        absl::StrAppend(&packed, bytes);
        return absl::OkStatus();
      }));
  return packed;
}

Value ToJson(const oci::Descriptor& descriptor) {
  return Value({{"mediaType", descriptor.media_type},
                {"size", descriptor.size},
                {"digest", descriptor.digest.ToString()}});
}

// The configuration of an image with one layer, which says nothing but what the layer unpacks to.
absl::StatusOr<std::string> ConfigOf(const std::string& layer, const std::string& created) {
  ASSIGN_OR_RETURN(const std::string tar, archive::Gunzip(layer, kMaxUnpacked));
  Value config({{"architecture", ""}, {"created", created}, {"os", ""}});
  config.Set("config", Value::EmptyObject());
  Value& rootfs = config.Ensure("rootfs");
  rootfs.Set("type", "layers");
  rootfs.Set("diff_ids", Value::EmptyArray())
      .Append(absl::StrCat("sha256:", crypto::Sha256Hex(tar)));
  return value::FormatJson(config);
}

absl::StatusOr<Value> AnnotationsOf(const PushOptions& options, const std::string& created) {
  Value annotations(
      {{kCreated, created}, {kSource, options.source}, {kRevision, options.revision}});
  for (const std::string& pair : options.annotations) {
    const size_t equals = pair.find('=');
    if (equals == std::string::npos || equals == 0) {
      return UsageError(absl::StrCat("invalid annotation \"", pair, "\", must be key=value"));
    }
    annotations.Set(pair.substr(0, equals), pair.substr(equals + 1));
  }
  return annotations;
}

absl::Status Print(const PushOptions& options, const oci::Reference& reference,
                   const oci::Descriptor& manifest) {
  const std::string digest = manifest.digest.ToString();
  if (options.output.empty()) {
    PrintProgress(Mark::kSuccess, absl::StrCat("artifact successfully pushed to ",
                                               reference.repository.Name(), "@", digest));
    return absl::OkStatus();
  }
  const Value pushed({{"url", absl::StrCat("oci://", reference.Name())},
                      {"repository", reference.repository.Name()},
                      {"tag", reference.tag},
                      {"digest", digest}});
  std::cout << (options.output == "json" ? absl::StrCat(value::FormatJson(pushed), "\n")
                                         : value::FormatYaml(pushed));
  return absl::OkStatus();
}

absl::Status Push(const Context& ctx, const PushOptions& options) {
  if (options.source.empty()) return UsageError("--source is required");
  if (options.revision.empty()) return UsageError("--revision is required");
  if (options.path.empty()) return UsageError("which folder? --path FOLDER");
  ASSIGN_OR_RETURN(const std::string name, ArtifactName(options.registry));
  ASSIGN_OR_RETURN(const oci::Reference reference, oci::ParseReference(name));
  const std::string created =
      absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", options.reproducible ? absl::UnixEpoch() : absl::Now(),
                       absl::UTCTimeZone());
  ASSIGN_OR_RETURN(Value annotations, AnnotationsOf(options, created));
  ASSIGN_OR_RETURN(const gitignore::Rules rules, IgnoreRules(options.ignores));
  ASSIGN_OR_RETURN(const std::string layer, PackFolder(options.path, rules));
  ASSIGN_OR_RETURN(const std::string config, ConfigOf(layer, created));
  ASSIGN_OR_RETURN(const auto client, ConnectRegistry(options.registry));
  if (options.output.empty()) {
    PrintProgress(Mark::kAction, absl::StrCat("pushing artifact to ", options.registry.url));
  }
  const oci::Repository& repository = reference.repository;
  ASSIGN_OR_RETURN(const oci::Descriptor config_blob,
                   client->PutBlob(ctx, repository, kConfigType, config));
  ASSIGN_OR_RETURN(const oci::Descriptor layer_blob,
                   client->PutBlob(ctx, repository, kContentType, layer));
  Value manifest({{"schemaVersion", 2}, {"mediaType", oci::kOciManifest}});
  manifest.Set("config", ToJson(config_blob));
  manifest.Set("layers", Value::EmptyArray()).Append(ToJson(layer_blob));
  manifest.Set("annotations", std::move(annotations));
  ASSIGN_OR_RETURN(
      const oci::Descriptor pushed,
      client->PutManifest(ctx, reference, oci::kOciManifest, value::FormatJson(manifest)));
  return Print(options, reference, pushed);
}

absl::Status Tag(const Context& ctx, const TagOptions& options) {
  if (options.tags.empty()) return UsageError("which tag? --tag TAG");
  ASSIGN_OR_RETURN(const std::string name, ArtifactName(options.registry));
  ASSIGN_OR_RETURN(const oci::Reference reference, oci::ParseReference(name));
  ASSIGN_OR_RETURN(const auto client, ConnectRegistry(options.registry));
  PrintProgress(Mark::kAction, "tagging artifact");
  ASSIGN_OR_RETURN(const oci::RawManifest manifest, client->GetManifest(ctx, reference));
  for (const std::string& tag : options.tags) {
    const oci::Reference tagged{reference.repository, tag, ""};
    RETURN_IF_ERROR(
        client->PutManifest(ctx, tagged, manifest.descriptor.media_type, manifest.bytes).status());
    PrintProgress(Mark::kSuccess, absl::StrCat("artifact tagged as ", tagged.Name()));
  }
  return absl::OkStatus();
}

// Content by path.
absl::StatusOr<std::map<std::string, std::string>> FilesOf(const std::string& path,
                                                           const gitignore::Rules& rules) {
  ASSIGN_OR_RETURN(const auto tree, disk::DiskTree::Open(path));
  std::map<std::string, std::string> files;
  RETURN_IF_ERROR(
      fs::Walk(*tree, "", {},
               [&](absl::string_view name, const fs::Entry& entry) -> absl::StatusOr<fs::Visit> {
                 if (entry.type == fs::EntryType::kFile && !rules.Ignores(name, false)) {
                   ASSIGN_OR_RETURN(files[std::string(name)], tree->Read(name));
                 }
                 return fs::Visit::kContinue;
               }));
  return files;
}

absl::Status Diff(const Context& ctx, const DiffOptions& options) {
  if (options.path.empty()) return UsageError("compare with which folder? --path FOLDER");
  ASSIGN_OR_RETURN(const disk::TempDir pulled, disk::TempDir::Create("sluice-diff-"));
  RETURN_IF_ERROR(PullInto(ctx, options.registry, pulled.path()).status());
  ASSIGN_OR_RETURN(const gitignore::Rules rules, IgnoreRules({}));
  ASSIGN_OR_RETURN(const auto remote, FilesOf(pulled.path(), rules));
  ASSIGN_OR_RETURN(const auto local, FilesOf(options.path, rules));
  bool equal = true;
  const auto tell = [&equal](char sign, const std::string& name) {
    equal = false;
    std::cout << sign << " " << name << "\n";
  };
  for (const auto& [name, content] : remote) {
    const auto found = local.find(name);
    if (found == local.end()) {
      tell('-', name);
    } else if (found->second != content) {
      tell('~', name);
    }
  }
  for (const auto& [name, content] : local) {
    if (!remote.contains(name)) tell('+', name);
  }
  if (!equal) {
    return absl::FailedPreconditionError(
        absl::StrCat(options.registry.url, " and ", options.path, " differ"));
  }
  PrintProgress(Mark::kSuccess, "no changes detected");
  return absl::OkStatus();
}

}  // namespace

void AddPush(Command& command) {
  const auto options = std::make_shared<PushOptions>();
  Command& push = command.Sub("push", "Puts something into a registry")
                      .Sub("artifact", "Packs a folder and pushes it, as an OCIRepository reads it",
                           [options] { return RunLimited(*options, Push); });
  AddRegistryFlags(push, options->registry);
  push.Text("-f,--path", options->path, "folder");
  push.Text("--source", options->source, "where it comes from, a URL");
  push.Text("--revision", options->revision, "of what it comes from: main@sha1:…");
  push.List("-a,--annotations", options->annotations, "key=value; may be repeated");
  push.List("--ignore-paths", options->ignores, "pattern of what is left out; may be repeated");
  push.Bool("--reproducible", options->reproducible, "the same digest for the same content");
  push.Choice("-o,--output", options->output, {"", "json", "yaml"}, "form of output");
}

void AddTag(Command& command) {
  const auto options = std::make_shared<TagOptions>();
  Command& tag = command.Sub("tag", "Names something in a registry")
                     .Sub("artifact", "Gives an artifact further tags",
                          [options] { return RunLimited(*options, Tag); });
  AddRegistryFlags(tag, options->registry);
  tag.List("--tag", options->tags, "tag; may be repeated");
}

void AddDiffArtifact(Command& diff) {
  const auto options = std::make_shared<DiffOptions>();
  Command& artifact = diff.Sub("artifact", "Compares an artifact with a folder: 1 if they differ",
                               [options] { return RunLimited(*options, Diff); });
  AddRegistryFlags(artifact, options->registry);
  artifact.Text("-f,--path", options->path, "folder");
}

}  // namespace sluice::cli
