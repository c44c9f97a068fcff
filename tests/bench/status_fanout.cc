// What it costs to tell many callers of many objects: kustomize-controller with N suspended
// Kustomizations in dev-apiserver, asked over gRPC.
//
//   build/release/bin/status_fanout [--objects 10000] [--watchers 1000] [--changes 100]
//
// How long a snapshot of all takes (List in pages, and Watch until its marker), the time from
// before an object is changed in the Kubernetes API until a subscriber has it (with one, and with
// all watchers), the memory that the watchers cost the controller, and the requests that it made to
// the API server meanwhile.

// SPDX-License-Identifier: Apache-2.0
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/support/client_callback.h>

#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/synchronization/mutex.h"
#include "common/api/kinds.h"
#include "common/base/clock.h"
#include "common/base/status_macros.h"
#include "common/flags/command.h"
#include "common/rpc/channel.h"
#include "common/rpc/status_bridge.h"
#include "sluice/common/v1/sync_status.grpc.pb.h"
#include "tests/bench/api_requests.h"
#include "tests/bench/figures.h"
#include "tests/e2e/cluster.h"

namespace sluice::bench {
namespace {

namespace v1 = ::sluice::common::v1;

constexpr char kController[] = "kustomize-controller";
constexpr char kNumber[] = "bench";  // the label that tells the changes apart
constexpr absl::Duration kLimit = absl::Minutes(5);
constexpr int kStreamsPerChannel = 100;

struct Options {
  int objects = 10'000;
  int watchers = 1000;
  int changes = 100;
};

double Milliseconds(absl::Duration duration) { return absl::ToDoubleMilliseconds(duration); }

void AddPercentiles(Figures& figures, const std::string& what, const std::vector<double>& samples) {
  for (const int percent : {50, 99}) {
    figures.Add(absl::StrCat(what, ": p", percent), Percentile(samples, percent), "ms");
  }
}

// When each watcher heard of each change. Thread-safe.
class Arrivals {
 public:
  void Begin(int expected) {
    const absl::MutexLock lock(&mutex_);
    expected_ = expected;
    arrived_ = 0;
    begun_ = absl::Now();
  }
  void Heard() {
    const absl::Time now = absl::Now();
    const absl::MutexLock lock(&mutex_);
    samples_.push_back(Milliseconds(now - begun_));
    ++arrived_;
  }
  bool AwaitAll() {
    const absl::MutexLock lock(&mutex_);
    const auto all = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return arrived_ >= expected_; };
    return mutex_.AwaitWithTimeout(absl::Condition(&all), absl::Seconds(20));
  }
  std::vector<double> Take() {
    const absl::MutexLock lock(&mutex_);
    return std::exchange(samples_, {});
  }

 private:
  absl::Mutex mutex_;
  int expected_ ABSL_GUARDED_BY(mutex_) = 0;
  int arrived_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Time begun_ ABSL_GUARDED_BY(mutex_);
  std::vector<double> samples_ ABSL_GUARDED_BY(mutex_);
};

// One watch on gRPC's own threads.
class Subscriber : public grpc::ClientReadReactor<v1::WatchResponse> {
 public:
  Subscriber(v1::SyncStatusService::Stub& stub, const std::string& resume_token, Arrivals& arrivals)
      : arrivals_(arrivals) {
    request_.set_resume_token(resume_token);
    stub.async()->Watch(&call_, &request_, this);
    StartRead(&message_);
    StartCall();
  }
  ~Subscriber() override {
    call_.TryCancel();
    const absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(&done_));
  }

  // Whether it began; false if it was refused.
  bool AwaitSynced() {
    const absl::MutexLock lock(&mutex_);
    const auto known = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return synced_ || done_; };
    mutex_.AwaitWithTimeout(absl::Condition(&known), absl::Seconds(30));
    return synced_;
  }

  void OnReadDone(bool ok) override {
    if (!ok) return;
    if (message_.has_synced()) {
      const absl::MutexLock lock(&mutex_);
      synced_ = true;
    } else if (message_.changed().labels().contains(kNumber)) {
      arrivals_.Heard();
    }
    StartRead(&message_);
  }
  void OnDone(const grpc::Status&) override {
    const absl::MutexLock lock(&mutex_);
    done_ = true;
  }

 private:
  Arrivals& arrivals_;
  grpc::ClientContext call_;
  v1::WatchRequest request_;
  v1::WatchResponse message_;
  absl::Mutex mutex_;
  bool synced_ ABSL_GUARDED_BY(mutex_) = false;
  bool done_ ABSL_GUARDED_BY(mutex_) = false;
};

class Bench {
 public:
  explicit Bench(Figures& figures) : figures_(figures) {}

  static absl::StatusOr<std::unique_ptr<Bench>> Start(const Options& options, Figures& figures) {
    auto bench = std::make_unique<Bench>(figures);
    bench->options_ = options;
    const std::string grpc = absl::StrCat("127.0.0.1:", e2e::ReservePort());
    bench->metrics_ = absl::StrCat("127.0.0.1:", e2e::ReservePort());
    e2e::ClusterOptions cluster;
    cluster.controllers = {kController};
    cluster.flags[kController] = {"--grpc-addr", grpc, "--metrics-addr", bench->metrics_};
    ASSIGN_OR_RETURN(bench->cluster_, e2e::Cluster::Start(cluster));
    for (int i = 0; i <= options.watchers / kStreamsPerChannel; ++i) {
      // A target of its own for each, or they would share a connection.
      rpc::ChannelOptions channel;
      channel.target = grpc;
      channel.max_message = (size_t{4} << 20) + static_cast<size_t>(i);
      ASSIGN_OR_RETURN(const auto connected, rpc::CreateChannel(channel));
      bench->stubs_.push_back(v1::SyncStatusService::NewStub(connected));
    }
    return bench;
  }

  absl::Status Run() {
    RETURN_IF_ERROR(MakeObjects());
    RETURN_IF_ERROR(Snapshots());
    Subscriber first(*stubs_[0], token_, arrivals_);
    if (!first.AwaitSynced()) return absl::InternalError("the first watch did not begin");
    RETURN_IF_ERROR(Changes(1, "one watcher"));
    const e2e::Process& controller = cluster_->process(kController);
    const e2e::Process::Usage before = controller.usage();
    ASSIGN_OR_RETURN(const double requests_before, ApiRequests(metrics_));
    std::vector<std::unique_ptr<Subscriber>> all;
    while (all.size() + 1 < static_cast<size_t>(options_.watchers)) {
      auto one =
          std::make_unique<Subscriber>(*stubs_[all.size() / kStreamsPerChannel], token_, arrivals_);
      // The server takes so many calls a second from one host: be patient.
      if (one->AwaitSynced()) all.push_back(std::move(one));
    }
    RETURN_IF_ERROR(Changes(options_.watchers, absl::StrCat(options_.watchers, " watchers")));
    const e2e::Process::Usage after = controller.usage();
    ASSIGN_OR_RETURN(const double requests_after, ApiRequests(metrics_));
    const std::string watchers = absl::StrCat(options_.watchers, " watchers");
    figures_.Add(watchers + ": memory of the controller", after.resident_mib - before.resident_mib,
                 "MiB");
    figures_.Add(watchers + ": more API requests", requests_after - requests_before, "");
    return absl::OkStatus();
  }

 private:
  std::string Name(int i) const { return absl::StrFormat("app-%05d", i); }

  absl::Status MakeObjects() {
    const kube::Resource& resource = api::KindOrDie("Kustomization");
    const Context ctx = Context::Background().WithTimeout(kLimit);
    for (int i = 0; i < options_.objects; ++i) {
      Value object = e2e::KustomizationManifest(Name(i), "repo", "./app");
      object.Ensure("metadata").Set("namespace", cluster_->ns());
      object.Ensure("spec").Set("suspend", true);
      RETURN_IF_ERROR(cluster_->client().Create(ctx, resource, object).status());
    }
    // Until the controller has put its finalizer on all of them and knows so.
    v1::ListResponse page;
    while (true) {
      RETURN_IF_ERROR(ctx.Check());
      ASSIGN_OR_RETURN(const double before, ApiRequests(metrics_));
      RETURN_IF_ERROR(RealClock().Sleep(ctx, absl::Seconds(2)));
      ASSIGN_OR_RETURN(const double now, ApiRequests(metrics_));
      ASSIGN_OR_RETURN(const size_t listed, ListAll());
      if (now == before && listed == static_cast<size_t>(options_.objects)) return absl::OkStatus();
    }
  }

  absl::StatusOr<size_t> ListAll() {
    v1::ListRequest request;
    request.set_page_size(1000);
    size_t count = 0;
    do {
      v1::ListResponse page;
      rpc::ClientCall call(Context::Background().WithTimeout(kLimit));
      RETURN_IF_ERROR(rpc::FromGrpc(stubs_[0]->List(call.get(), request, &page)));
      count += static_cast<size_t>(page.items_size());
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    return count;
  }

  absl::Status Snapshots() {
    std::vector<double> lists;
    std::vector<double> watches;
    for (int i = 0; i < 10; ++i) {
      absl::Time begin = absl::Now();
      RETURN_IF_ERROR(ListAll().status());
      lists.push_back(Milliseconds(absl::Now() - begin));
      begin = absl::Now();
      rpc::ClientCall call(Context::Background().WithTimeout(kLimit));
      const auto reader = stubs_[0]->Watch(call.get(), {});
      v1::WatchResponse message;
      while (reader->Read(&message) && !message.has_synced()) {
      }
      watches.push_back(Milliseconds(absl::Now() - begin));
      token_ = message.resume_token();
      call.get()->TryCancel();
      while (reader->Read(&message)) {
      }
      reader->Finish();
    }
    const std::string snapshot = absl::StrCat("snapshot of ", options_.objects, " objects by ");
    AddPercentiles(figures_, snapshot + "List", lists);
    AddPercentiles(figures_, snapshot + "Watch", watches);
    return absl::OkStatus();
  }

  absl::Status Changes(int watchers, const std::string& what) {
    arrivals_.Take();  // what the watches were told as missed when they began
    for (int i = 0; i < options_.changes; ++i) {
      arrivals_.Begin(watchers);
      RETURN_IF_ERROR(
          cluster_->client()
              .Patch(Context::Background().WithTimeout(kLimit), api::KindOrDie("Kustomization"),
                     {cluster_->ns(), Name(i % options_.objects)}, kube::PatchType::kMerge,
                     Value{{"metadata", {{"labels", {{kNumber, absl::StrCat(number_++)}}}}}})
              .status());
      if (!arrivals_.AwaitAll()) return absl::DeadlineExceededError("a watcher did not hear");
    }
    AddPercentiles(figures_, absl::StrCat("a change told to ", what), arrivals_.Take());
    return absl::OkStatus();
  }

  Figures& figures_;
  Options options_;
  std::string metrics_;
  std::unique_ptr<e2e::Cluster> cluster_;
  std::vector<std::unique_ptr<v1::SyncStatusService::Stub>> stubs_;
  std::string token_;  // after the last snapshot
  Arrivals arrivals_;
  int number_ = 0;
};

absl::Status Measure(const Options& options, Figures& figures) {
  ASSIGN_OR_RETURN(const auto bench, Bench::Start(options, figures));
  return bench->Run();
}

}  // namespace
}  // namespace sluice::bench

int main(int argc, char** argv) {
  sluice::bench::Options options;
  sluice::Command command("status_fanout", "What telling many callers of many objects costs.");
  command.Int("--objects", options.objects, "Kustomizations");
  command.Int("--watchers", options.watchers, "watches at the same time, at most 1000");
  command.Int("--changes", options.changes, "changes, each told to all");
  return sluice::bench::RunBenchmark(command, argc, argv, [&](sluice::bench::Figures& figures) {
    return sluice::bench::Measure(options, figures);
  });
}
