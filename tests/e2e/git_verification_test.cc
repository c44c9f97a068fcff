// spec.verify with commits and tags that git signed (spec/source.md §3.7).

// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/testing/status_matchers.h"
#include "tests/e2e/cluster.h"
#include "tests/e2e/git_repository.h"
#include "tests/e2e/process.h"

namespace sluice::e2e {
namespace {

using ::sluice::testing::IsOk;

constexpr absl::Duration kLimit = absl::Seconds(30);

// A repository whose commits and tags are signed by PGP, by SSH or not at all.
class SignedRepository {
 public:
  explicit SignedRepository(const std::string& path) : git_(GitRepository::Create(path).value()) {
    std::filesystem::create_directories(dir_ / "gnupg");
    chmod((dir_ / "gnupg").c_str(), 0700);
    // git calls gpg without a way to name its folder but the environment.
    WriteFile(dir_ / "gpg",
              absl::StrCat("#!/bin/sh\nGNUPGHOME=", dir_ / "gnupg", " exec /usr/bin/gpg \"$@\"\n"));
    chmod((dir_ / "gpg").c_str(), 0700);
    Must({dir_ / "gpg", "--batch", "--quiet", "--passphrase", "", "--quick-generate-key",
          "Test <test@example.com>", "ed25519", "sign", "never"});
    Must({"/usr/bin/ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", dir_ / "ssh"});
    Must({"/usr/bin/ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", dir_ / "other"});
    Git({"config", "gpg.program", dir_ / "gpg"});
  }
  ~SignedRepository() {
    Run({"/usr/bin/gpgconf", "--homedir", dir_ / "gnupg", "--kill", "gpg-agent"})
        .status()
        .IgnoreError();
  }
  SignedRepository(const SignedRepository&) = delete;
  SignedRepository& operator=(const SignedRepository&) = delete;

  std::string PgpKey() { return Must({dir_ / "gpg", "--armor", "--export", "test@example.com"}); }
  std::string SshKey() { return ReadFile(dir_ / "ssh.pub"); }
  std::string OtherSshKey() { return ReadFile(dir_ / "other.pub"); }

  void SignByPgp() {
    Git({"config", "gpg.format", "openpgp"});
    Git({"config", "user.signingkey", "test@example.com"});
    Git({"config", "commit.gpgsign", "true"});
  }
  void SignBySsh() {
    Git({"config", "gpg.format", "ssh"});
    Git({"config", "user.signingkey", dir_ / "ssh.pub"});
    Git({"config", "commit.gpgsign", "true"});
  }
  void SignNot() { Git({"config", "commit.gpgsign", "false"}); }

  std::string Commit(const std::string& content) {
    git_.Write("a.txt", content);
    const auto id = git_.Commit("Change");
    INFO(id.status());
    REQUIRE(id.ok());
    return *id;
  }
  std::string Git(const std::vector<std::string>& arguments) {
    auto output = git_.Git(arguments);
    INFO(output.status());
    REQUIRE(output.ok());
    return std::string(absl::StripAsciiWhitespace(*output));
  }

 private:
  static std::string Must(const std::vector<std::string>& command) {
    auto output = Run(command);
    INFO(output.status());
    REQUIRE(output.ok());
    return *output;
  }

  const TempDir dir_;
  GitRepository git_;
};

class Verification {
 public:
  Verification() {
    auto started = Cluster::Start({.controllers = {"source-controller"}});
    INFO(started.status());
    REQUIRE(started.ok());
    cluster_ = *std::move(started);
    repository_ = std::make_unique<SignedRepository>(cluster_->git_root() + "/repo");
  }

  Cluster& cluster() { return *cluster_; }
  SignedRepository& repository() { return *repository_; }

  void Keys(const std::string& name, const std::vector<std::pair<std::string, std::string>>& data) {
    Value text = Value::EmptyObject();
    for (const auto& [key, value] : data) text.Set(key, value);
    REQUIRE_THAT(cluster_->Apply({{"apiVersion", "v1"},
                                  {"kind", "Secret"},
                                  {"metadata", {{"name", name}}},
                                  {"stringData", std::move(text)}}),
                 IsOk());
  }
  void Add(const std::string& name, const char* mode, const std::string& keys, Value reference) {
    Value object = GitRepositoryManifest(name, absl::StrCat(cluster_->git_url(), "/repo"));
    object.Ensure("spec").Set("ref", std::move(reference));
    object.Ensure("spec").Set("verify", {{"mode", mode}, {"secretRef", {{"name", keys}}}});
    REQUIRE_THAT(cluster_->Apply(std::move(object)), IsOk());
  }

  // The condition SourceVerified as "STATUS REASON message", "" if there is none.
  std::string SourceVerified(const std::string& name) {
    const auto object = cluster_->Get(kSourceApi, "GitRepository", name);
    if (!object.has_value()) return "";
    for (const Value& condition : (*object)["status"]["conditions"].items()) {
      if (condition["type"].str() != "SourceVerified") continue;
      return absl::StrCat(condition["status"].str(), " ", condition["reason"].str(), " ",
                          condition["message"].str());
    }
    return "";
  }
  std::string StatusField(const std::string& name, const char* field) {
    const auto object = cluster_->Get(kSourceApi, "GitRepository", name);
    return object.has_value() ? std::string((*object)["status"][field].str()) : "";
  }
  bool IsReady(const std::string& name) {
    return ReadyMessage(cluster_->Get(kSourceApi, "GitRepository", name), "True").has_value();
  }

  void Expect(const std::string& name, const std::string& begin) {
    CAPTURE(name, begin);
    std::string last;
    const bool seen = Eventually(kLimit, [&] {
      last = SourceVerified(name);
      return absl::StartsWith(last, begin);
    });
    CAPTURE(last);
    if (!seen) UNSCOPED_INFO(cluster_->Describe());
    CHECK(seen);
  }

 private:
  std::unique_ptr<Cluster> cluster_;
  std::unique_ptr<SignedRepository> repository_;
};

bool HavePrograms() {
  for (const char* program : {"/usr/bin/gpg", "/usr/bin/ssh-keygen"}) {
    if (std::filesystem::exists(program)) continue;
    WARN(program << " is not installed: nothing tested");
    return false;
  }
  return true;
}

TEST_CASE("commits and tags that git signed are verified, others are refused", "[e2e]") {
  if (!HavePrograms()) return;
  Verification test;
  SignedRepository& repo = test.repository();
  repo.SignByPgp();
  const std::string by_pgp = repo.Commit("1");
  repo.Git({"tag", "-s", "-m", "signed", "v1.0.0"});
  repo.Git({"tag", "-a", "-m", "not signed", "v1.1.0", "--no-sign"});
  repo.Git({"tag", "light"});
  repo.Git({"branch", "pgp"});
  repo.SignBySsh();
  const std::string by_ssh = repo.Commit("2");
  repo.SignByPgp();
  repo.Git({"tag", "-s", "-m", "by PGP, the commit by SSH", "v2.0.0"});
  const std::string tag = repo.Git({"rev-parse", "v2.0.0"});
  repo.Git({"branch", "ssh"});
  repo.SignNot();
  repo.Commit("3");

  test.Keys("pgp", {{"a.asc", repo.PgpKey()}});
  test.Keys("ssh", {{"a.sshpub", repo.SshKey()}});
  test.Keys("both", {{"a.asc", repo.PgpKey()}, {"b.sshpub", repo.OtherSshKey() + repo.SshKey()}});
  test.Keys("other", {{"a.sshpub", repo.OtherSshKey()}});
  const auto branch = [](const char* name) { return Value{{"branch", name}}; };
  const auto tagged = [](const char* name) { return Value{{"tag", name}}; };

  test.Add("head-pgp", "HEAD", "pgp", branch("pgp"));
  test.Add("head-ssh", "head", "ssh", branch("ssh"));
  test.Add("both", "TagAndHEAD", "both", {{"semver", "2.x"}});
  test.Add("tag", "Tag", "pgp", tagged("v1.0.0"));
  test.Add("unsigned", "HEAD", "both", branch("main"));
  test.Add("stranger", "HEAD", "other", branch("ssh"));
  test.Add("wrong-class", "HEAD", "ssh", branch("pgp"));
  test.Add("partly", "TagAndHEAD", "pgp", tagged("v2.0.0"));
  test.Add("unsigned-tag", "Tag", "pgp", tagged("v1.1.0"));
  test.Add("light-tag", "Tag", "pgp", tagged("light"));
  test.Add("no-tag", "Tag", "pgp", branch("pgp"));
  test.Add("no-keys", "HEAD", "absent", branch("pgp"));

  test.Expect("head-pgp", absl::StrCat("True Succeeded verified signature of\n\t- commit '", by_pgp,
                                       "' with key '"));
  test.Expect("head-ssh", absl::StrCat("True Succeeded verified signature of\n\t- commit '", by_ssh,
                                       "' with key 'SHA256:"));
  test.Expect("both", absl::StrCat("True Succeeded verified signature of\n\t- tag 'v2.0.0@", tag,
                                   "' with key '"));
  CHECK(absl::StrContains(test.SourceVerified("both"),
                          absl::StrCat("\n\t- commit '", by_ssh, "' with key 'SHA256:")));
  test.Expect("tag", "True Succeeded verified signature of\n\t- tag 'v1.0.0@");
  for (const char* name : {"head-pgp", "head-ssh", "both", "tag"}) {
    CAPTURE(name);
    CHECK(Eventually(kLimit, [&] { return test.IsReady(name); }));
  }
  CHECK(test.StatusField("head-ssh", "sourceVerificationMode") == "HEAD");
  CHECK(test.StatusField("both", "sourceVerificationMode") == "TagAndHEAD");

  test.Expect("unsigned", "False InvalidCommitSignature signature verification of commit '");
  CHECK(absl::EndsWith(test.SourceVerified("unsigned"), "unsupported signature type: empty"));
  test.Expect(
      "stranger",
      absl::StrCat("False InvalidCommitSignature signature verification of commit '", by_ssh,
                   "' failed: unable to verify Git commit: unable to verify payload with "
                   "any of the given authorized keys"));
  test.Expect("wrong-class",
              absl::StrCat("False InvalidCommitSignature signature verification of commit '",
                           by_pgp, "' failed: PGP signature detected but no PGP public keys"));
  test.Expect("partly", "False InvalidCommitSignature signature verification of commit '");
  test.Expect("unsigned-tag", "False InvalidGitObject cannot verify signature of tag 'v1.1.0@");
  test.Expect(
      "light-tag",
      "False InvalidGitObject cannot verify signature of tag 'light' since it is not signed");
  test.Expect(
      "no-tag",
      "False InvalidVerificationMode cannot verify tag object's signature if a tag reference "
      "is not specified");
  test.Expect("no-keys", "False VerificationError public keys secret error: ");
  for (const char* name : {"unsigned", "stranger", "partly", "no-tag"}) {
    CAPTURE(name);
    CHECK_FALSE(test.IsReady(name));
    CHECK_FALSE(test.cluster()
                    .Get(kSourceApi, "GitRepository", name)
                    ->
                    operator[]("status")
                    .Has("artifact"));
  }
  CHECK(test.cluster().Casualties() == "");
}

TEST_CASE("asking for more verifies anew, and the end of verify ends its condition", "[e2e]") {
  if (!HavePrograms()) return;
  Verification test;
  SignedRepository& repo = test.repository();
  repo.SignByPgp();
  repo.Commit("1");
  repo.Git({"tag", "-a", "-m", "not signed", "v1.0.0", "--no-sign"});
  test.Keys("pgp", {{"a.asc", repo.PgpKey()}});
  test.Add("app", "HEAD", "pgp", {{"tag", "v1.0.0"}});
  test.Expect("app", "True Succeeded");
  REQUIRE(Eventually(kLimit, [&] { return test.IsReady("app"); }));

  // The same revision; only now its tag counts.
  const auto edit = [&](Value spec) {
    REQUIRE_THAT(
        test.cluster().Edit(kSourceApi, "GitRepository", "app", {{"spec", std::move(spec)}}),
        IsOk());
  };
  edit({{"verify", {{"mode", "TagAndHEAD"}}}});
  test.Expect("app", "False InvalidGitObject");
  CHECK(test.StatusField("app", "sourceVerificationMode") == "HEAD");
  edit({{"verify", {{"mode", "HEAD"}}}});
  test.Expect("app", "True Succeeded");

  edit({{"verify", nullptr}});
  CHECK(Eventually(kLimit, [&] {
    return test.SourceVerified("app").empty() && test.IsReady("app") &&
           test.StatusField("app", "sourceVerificationMode").empty();
  }));

  // A commit that nobody signed is not published, and what there is stays.
  edit({{"verify", {{"mode", "HEAD"}, {"secretRef", {{"name", "pgp"}}}}},
        {"ref", {{"branch", "main"}, {"tag", nullptr}}}});
  test.Expect("app", "True Succeeded");
  const auto revision = [&] {
    return std::string(
        (*test.cluster().Get(kSourceApi, "GitRepository", "app"))["status"]["artifact"]["revision"]
            .str());
  };
  REQUIRE(Eventually(kLimit,
                     [&] { return test.IsReady("app") && absl::StartsWith(revision(), "main@"); }));
  const std::string before = revision();
  repo.SignNot();
  repo.Commit("2");
  REQUIRE_THAT(test.cluster().Trigger(kSourceApi, "GitRepository", "app"), IsOk());
  test.Expect("app", "False InvalidCommitSignature");
  CHECK(revision() == before);
}

}  // namespace
}  // namespace sluice::e2e
