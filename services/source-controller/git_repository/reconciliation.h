// The reconciliation of a GitRepository (spec/source.md §3): fetch, pack, publish.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/api/source/git_repository.h"
#include "services/source-controller/git_repository/fetch.h"
#include "services/source-controller/source/reconciliation.h"

namespace sluice::source_controller {

class GitRepositoryReconciliation : public Reconciliation {
 public:
  // `fetcher` too must outlive it.
  GitRepositoryReconciliation(const Collaborators& with, GitFetcher& fetcher, Value object);

 protected:
  absl::Status ReadSpec(const Value& spec) override;
  Outcome Publish(const Context& ctx) override;
  void EncodeObserved(Value& status) const override { observed_.EncodeInto(status); }
  std::string ArtifactEventMessage() const override;

 private:
  // Whether the stored artifact was packed under other settings than the spec's (§3.6).
  bool ContentSettingsChanged() const;
  // Whether the spec asks for a verification that was not made of what is stored.
  bool NeedsVerification() const;
  void ForgetVerification();
  // Verifies the signatures that the spec names; success if Publish() can go on.
  Outcome Verify(const Context& ctx, const GitCheckout& checkout);
  // Fills in `includes_`; success if Publish() can go on.
  Outcome FetchIncludes(const Context& ctx);
  Outcome Store(const Context& ctx, const GitCheckout& checkout);
  Outcome Unchanged(const GitCheckout& checkout);

  GitFetcher& fetcher_;
  api::GitRepositorySpec spec_;
  api::GitRepositoryObserved observed_;
  std::vector<api::Artifact> includes_;  // of spec_.include, in its order
  std::string commit_subject_;           // of the commit that was fetched, "" if none was
};

}  // namespace sluice::source_controller
