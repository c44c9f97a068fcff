// SPDX-License-Identifier: Apache-2.0
#include "services/image-controller/image_update/commit_and_push.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/api/meta/reason.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/git/push.h"
#include "common/git/revision.h"
#include "common/oci/reference.h"
#include "services/image-controller/image_update/commit_message.h"
#include "services/image-controller/image_update/refspec.h"

namespace sluice::image_controller {
namespace {

constexpr absl::string_view kHeads = "refs/heads/";
constexpr size_t kShortHash = 7;

absl::Status CheckoutError(const absl::Status& error) {
  return api::WithReason(Annotate(error, "failed to checkout source"), kGitOperationFailed);
}
absl::Status SourceError(const absl::Status& error) {
  absl::Status annotated = Annotate(error, "failed to update source");
  if (api::IsStalling(error)) return error;
  return api::WithReason(std::move(annotated), kGitOperationFailed);
}
absl::Status PolicyError(const absl::Status& error) {
  return api::WithReason(Annotate(error, "failed to apply policies"), kUpdateFailed);
}

// A name or address as Git allows it in a commit: on one line, without the brackets around an
// address.
std::string PersonText(absl::string_view text) {
  std::string clean;
  for (const char c : text) {
    if (absl::ascii_iscntrl(static_cast<unsigned char>(c)) || c == '<' || c == '>') continue;
    clean.push_back(c);
  }
  return std::string(absl::StripAsciiWhitespace(clean));
}

git::Person Author(const api::ImageUpdateAutomationSpec& spec, absl::Time now) {
  const int offset = absl::LocalTimeZone().At(now).offset;
  return {PersonText(spec.author_name), PersonText(spec.author_email),
          absl::FromUnixSeconds(absl::ToUnixSeconds(now)), offset / 60};
}

// The setters of all policies; an image that is none would be written into manifests.
absl::StatusOr<image_setters::Setters> SettersOf(
    const std::string& ns, const std::map<std::string, api::ImageRef>& policies) {
  image_setters::Setters setters;
  for (const auto& [name, image] : policies) {
    const auto reference = oci::ParseReference(absl::StrCat(image.name, ":", image.tag));
    if (!reference.ok()) {
      return Annotate(reference.status(), absl::StrCat("policy '", ns, "/", name, "'"));
    }
    if (!image.digest.empty()) {
      if (const auto digest = oci::Digest::Parse(image.digest); !digest.ok()) {
        return Annotate(digest.status(), absl::StrCat("policy '", ns, "/", name, "'"));
      }
    }
    image_setters::AddPolicy(ns, name, {image.name, image.tag, image.digest}, setters);
  }
  return setters;
}

// Where the new commit goes on, and what the remote's push branch is now.
struct Base {
  git::CheckedOut tip;                  // of the branch that is extended
  git::ObjectId expected;               // at the push branch; zero if it is not there
  std::optional<git::Commit> existing;  // its commit where it is made anew
};

class Attempt {
 public:
  Attempt(const Context& ctx, const git::Checkouts& checkouts, Clock& clock,
          const UpdateRequest& request)
      : ctx_(ctx), checkouts_(checkouts), clock_(clock), request_(request) {}

  absl::StatusOr<UpdateResult> Run() {
    UpdateResult result;
    const Context reading = ctx_.WithTimeout(source().timeout);
    auto checkout = Fetch(reading, source().reference, request_.last_revision);
    if (!checkout.ok()) return CheckoutError(checkout.status());
    result.revision = checkout->revision;
    if (checkout->outcome == git::CheckedOut::Outcome::kUnchanged) {
      result.unchanged = true;
      return result;
    }
    auto base = ChooseBase(reading, *std::move(checkout));
    if (!base.ok()) return CheckoutError(base.status());

    const auto setters = SettersOf(request_.automation.ns, request_.policies);
    if (!setters.ok()) return PolicyError(setters.status());
    auto edited = image_setters::ApplySettersTo(*base->tip.tree, spec().update_path, *setters);
    if (!edited.ok()) return PolicyError(edited.status());
    result.skipped = std::move(edited->skipped);
    if (edited->files.empty()) return result;

    auto pushed = CommitAndPush(*base, *edited);
    if (!pushed.ok()) return SourceError(pushed.status());
    if (pushed->has_value() && !source().switches) {
      result.revision =
          git::ShortRevision(absl::StrCat(kHeads, source().push_branch), (*pushed)->commit);
    }
    result.pushed = *std::move(pushed);
    return result;
  }

 private:
  const GitSource& source() const { return request_.source; }
  const api::ImageUpdateAutomationSpec& spec() const { return request_.spec; }

  absl::StatusOr<git::CheckedOut> Fetch(const Context& ctx, const git::Reference& reference,
                                        const std::string& last_revision) const {
    auto checkout = checkouts_.Fetch(ctx, {.url = source().url,
                                           .auth = source().auth,
                                           .reference = reference,
                                           .last_revision = last_revision,
                                           .scope = request_.automation.ns,
                                           .remote = source().remote});
    if (checkout.ok() && checkout->outcome == git::CheckedOut::Outcome::kEmpty) {
      return absl::FailedPreconditionError("git repository is empty");
    }
    return checkout;
  }

  // A push branch that is there goes on from where it is, or is made anew from the checkout.
  absl::StatusOr<Base> ChooseBase(const Context& ctx, git::CheckedOut checkout) const {
    if (!source().switches) {
      const git::ObjectId id = checkout.commit.id;
      return Base{std::move(checkout), id, std::nullopt};
    }
    // One mirror is open at a time, and the checkout holds it.
    const git::ObjectId checked_out = checkout.commit.id;
    checkout.tree.reset();
    checkout.objects.reset();
    auto branch = Fetch(ctx, {.branch = source().push_branch}, "");
    if (absl::IsNotFound(branch.status())) {
      ASSIGN_OR_RETURN(git::CheckedOut again, Fetch(ctx, source().reference, ""));
      return Base{std::move(again), git::ObjectId(), std::nullopt};
    }
    RETURN_IF_ERROR(branch.status());
    const git::ObjectId expected = branch->commit.id;
    if (request_.extend_branch) return Base{*std::move(branch), expected, std::nullopt};
    const git::Commit existing = branch->commit;
    branch->tree.reset();
    branch->objects.reset();
    ASSIGN_OR_RETURN(git::CheckedOut again, Fetch(ctx, source().reference, ""));
    if (again.commit.id != checked_out) return absl::AbortedError("the remote has moved");
    return Base{std::move(again), expected, existing};
  }

  absl::StatusOr<std::vector<git::RefUpdate>> Updates(const Context& ctx, const Base& base,
                                                      const git::ObjectId& commit) const {
    const std::string branch = absl::StrCat(kHeads, source().push_branch);
    if (base.existing.has_value() && !request_.force) {
      return absl::FailedPreconditionError(
          absl::StrCat("failed to push to remote: non-fast-forward update: ", branch));
    }
    std::vector<git::RefUpdate> updates = {
        {.name = branch, .expected = base.expected, .id = commit}};
    if (spec().push_refspec.empty()) return updates;
    ASSIGN_OR_RETURN(const Refspec refspec,
                     ParseRefspec(spec().push_refspec, source().push_branch));
    if (refspec.target == branch) return updates;
    git::RefUpdate& more = updates.emplace_back(
        git::RefUpdate{.name = refspec.target, .expected = std::nullopt, .id = commit});
    if (refspec.force || (source().switches && request_.force)) return updates;
    // A reference that is not there, or is where the commit begins, moves forward.
    ASSIGN_OR_RETURN(const auto remote,
                     git::Remote::Open(source().url, source().auth, source().remote));
    ASSIGN_OR_RETURN(const auto refs, remote->ListRefs(ctx, {refspec.target}));
    more.expected = git::ObjectId();
    for (const git::RemoteRef& ref : refs) {
      if (ref.name == refspec.target) more.expected = base.tip.commit.id;
    }
    return updates;
  }

  // Nothing if the remote has that commit already, but for its time.
  absl::StatusOr<std::optional<Pushed>> CommitAndPush(const Base& base,
                                                      const image_setters::TreeChanges& edited) {
    git::NewCommit commit;
    ASSIGN_OR_RETURN(commit.message,
                     RenderMessage(spec().message_template, {.automation = request_.automation,
                                                             .changes = edited.changes,
                                                             .values = spec().message_values}));
    commit.author = Author(spec(), clock_.Now());
    commit.committer = commit.author;
    commit.sign = source().sign;
    for (const auto& [path, content] : edited.files) {
      ASSIGN_OR_RETURN(const fs::Entry entry, base.tip.tree->Stat(path));
      commit.changes[path] = git::FileChange{
          .content = content, .mode = entry.executable ? git::kModeExecutable : git::kModeFile};
    }
    git::ObjectStore& objects = *base.tip.objects;
    if (base.existing.has_value()) {
      ASSIGN_OR_RETURN(const git::ObjectId tree,
                       git::ApplyChanges(objects, base.tip.commit.tree, commit.changes));
      const git::Commit& there = *base.existing;
      if (there.tree == tree && there.parents == std::vector<git::ObjectId>{base.tip.commit.id}) {
        return std::optional<Pushed>();
      }
    }
    ASSIGN_OR_RETURN(const git::ObjectId id, git::MakeCommit(objects, base.tip.commit, commit));
    const Context pushing = ctx_.WithTimeout(source().timeout);
    ASSIGN_OR_RETURN(const std::vector<git::RefUpdate> updates, Updates(pushing, base, id));
    git::PushTarget target = {source().url, source().auth, source().remote, {}};
    for (const auto& [key, value] : spec().push_options) {
      target.push_options.push_back(absl::StrCat(key, "=", value));
    }
    RETURN_IF_ERROR(git::Push(pushing, target, objects, updates, {base.tip.commit.id}));
    Pushed pushed = {id.Hex(), source().push_branch, commit.message, {}};
    if (!spec().push_refspec.empty()) pushed.refspecs.push_back(spec().push_refspec);
    return std::optional<Pushed>(std::move(pushed));
  }

  const Context& ctx_;
  const git::Checkouts& checkouts_;
  Clock& clock_;
  const UpdateRequest& request_;
};

}  // namespace

std::string Pushed::Summary() const {
  std::string summary =
      absl::StrCat("pushed commit '", commit.substr(0, kShortHash), "' to branch '", branch, "'");
  if (!refspecs.empty()) {
    absl::StrAppend(&summary, " and refspecs '", absl::StrJoin(refspecs, "', '"), "'");
  }
  if (!message.empty()) absl::StrAppend(&summary, "\n", message);
  return summary;
}

absl::StatusOr<UpdateResult> Updater::Run(const Context& ctx, const UpdateRequest& request) const {
  return Attempt(ctx, checkouts_, clock_, request).Run();
}

}  // namespace sluice::image_controller
