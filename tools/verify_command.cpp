// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/commands.hpp"
#include "tools/exit_code.hpp"
#include "tools/journal/entry_of.hpp"
#include "tools/manifest_feed.hpp"
#include "tools/off_loop.hpp"
#include "tools/results.hpp"
#include "tools/run.hpp"
#include "tools/summary.hpp"
#include "tools/telemetry.hpp"
#include "tools/text.hpp"

#include <boost/asio/this_coro.hpp>

#include <iostream>
#include <optional>
#include <unistd.h>
#include <utility>

namespace binarly::tools {

namespace {

using clock = std::chrono::steady_clock;

/// The run's two ends: rows come out of the manifest, verifications go to the results and the
/// tally. Reading and writing files may block, so each has a thread; all else is on the loop.
class verify_run {
 public:
  explicit verify_run(const verify_arguments& arguments) : feed_(arguments.manifest) {
    if (arguments.results.empty()) return;
    if (feed_.is_same_file(arguments.results)) {
      throw command_error(exit_code::usage,
                          "the results would overwrite the manifest; choose another --results");
    }
    results_.emplace(arguments.results);
  }

  /// The next upload that can be looked up.
  asio::awaitable<std::optional<expectation>> next() {
    co_await asio::this_coro::throw_if_cancelled(false);
    for (;;) {
      while (auto row = feed_.take()) {
        if (stopped_) co_return std::nullopt;
        auto ref = image_ref::parse(row->product_id, row->image_id);
        if (!ref) {
          co_await refuse(*row, ref.error());
          continue;
        }
        std::optional<expectation> upload(std::in_place, std::move(*ref));
        upload->name = std::move(row->name);
        upload->version = std::move(row->version);
        upload->tag = row->row;
        co_return upload;
      }
      if (feed_.ended() || stopped_) co_return std::nullopt;
      (void)co_await off_loop(reader_, [this] { feed_.read(); });
    }
  }

  asio::awaitable<void> accept(verification outcome) {
    co_await asio::this_coro::throw_if_cancelled(false);
    seen_.add(entry_of(outcome));
    const auto& ref = outcome.expectation.ref;
    co_await write(outcome, ref.product_id(), ref.image_id());
  }

  void stop() noexcept {
    stopped_ = true;
    feed_.interrupt();
  }

  /// Writes what is left of the results.
  void finish() {
    if (results_) results_->finish();
  }

  [[nodiscard]] const tally& seen() const noexcept { return seen_; }
  [[nodiscard]] const manifest_feed& feed() const noexcept { return feed_; }
  [[nodiscard]] const std::vector<std::string>& refusals() const noexcept { return refusals_; }
  [[nodiscard]] std::uint64_t refused() const noexcept { return refused_; }

 private:
  static constexpr std::size_t refusals_kept = 10;

  /// A row whose ids cannot be used gets its verification here; the others do not suffer from it.
  asio::awaitable<void> refuse(const manifest_row& row, failure why) {
    ++refused_;
    seen_.add_refused();
    if (refusals_.size() < refusals_kept) {
      const bool product = image_ref::parse(row.product_id, "x").has_error();
      refusals_.push_back(feed_.name() + ", " +
                          to_string(product ? row.product_id_at : row.image_id_at) + ": " +
                          why.detail().reason + "; correct this row, the others were looked up");
    }
    verification outcome;
    outcome.expectation.tag = row.row;
    outcome.failure = std::move(why);
    co_await write(outcome, row.product_id, row.image_id);
  }

  asio::awaitable<void> write(const verification& outcome, const std::string& product_id,
                              const std::string& image_id) {
    if (!results_) co_return;
    results_->add(result_line(outcome, product_id, image_id));
    const auto now = clock::now();
    if (!results_->due(now)) co_return;
    const std::string lines = results_->take(now);
    const auto thrown = co_await off_loop(writer_, [this, &lines] { results_->write(lines); });
    if (thrown) std::rethrow_exception(thrown);
  }

  manifest_feed feed_;
  std::optional<results_file> results_;
  tally seen_;
  std::vector<std::string> refusals_;
  std::uint64_t refused_ = 0;
  bool stopped_ = false;
  // Last, so that their threads are gone before what they work on.
  asio::thread_pool reader_{1};
  asio::thread_pool writer_{1};
};

void complain(const std::string& line) { std::cerr << "binarly-images: " << line << '\n'; }

/// Says what the summary does not, and finds the exit code.
int judge(const verify_run& run, const run_end& end, const std::string& lost) {
  for (const auto& line : run.refusals())
    complain(line);
  if (const auto rest = run.refused() - run.refusals().size(); rest != 0) {
    complain("and " + grouped(rest) + " more rows of the manifest with ids that cannot be used");
  }
  const std::string& broken = run.feed().error();
  if (!broken.empty()) complain(broken);
  if (!lost.empty()) complain(lost);
  if (end.signal != 0) {
    complain("stopped by a signal; " + grouped(run.seen().total()) +
             " uploads were taken from the manifest before");
    return 128 + end.signal;
  }
  if (!broken.empty() || run.refused() != 0) return static_cast<int>(exit_code::usage);
  if (!lost.empty()) return static_cast<int>(exit_code::unavailable);
  return static_cast<int>(run.seen().code());
}

/// The one line about results that are lost; anything else is the caller's.
std::string lost_results(verify_run& run, const std::exception_ptr& error) {
  try {
    if (error) std::rethrow_exception(error);
    run.finish();
  } catch (const command_error& lost) {
    return lost.what();
  }
  return {};
}

}  // namespace

int verify(const verify_arguments& arguments, const environment& variables) {
  client_options options = make_client_options(arguments.service, variables);
  options.pool.max_connections = arguments.connections;
  const telemetry tells(arguments.service);
  tells.listen(options);
  asio::io_context loop(1);
  client service(loop.get_executor(), options);
  verify_run run(arguments);

  verify_options how;
  how.window = arguments.window;
  run_display display;
  // Lines of their own would tear the progress line.
  display.show = !arguments.quiet && !arguments.service.verbose;
  display.terminal = is_terminal(STDERR_FILENO, variables);
  display.on_stop = [&run] { run.stop(); };
  const run_end end = run_verification(
      loop, std::move(service), [&run] { return run.next(); },
      [&run](verification outcome) { return run.accept(std::move(outcome)); }, how, run.seen(),
      display);

  std::string lost = lost_results(run, end.error);
  try {
    tells.finish();
  } catch (const command_error& unwritten) {
    if (lost.empty()) lost = unwritten.what();
  }
  if (!arguments.quiet) {
    const bool results_on_stdout = arguments.results == "-";
    const int descriptor = results_on_stdout ? STDERR_FILENO : STDOUT_FILENO;
    const bool colour = wants_colour(is_terminal(descriptor, variables), variables);
    (results_on_stdout ? std::cerr : std::cout)
        << summary(run.seen(), end.duration, colour) << std::flush;
  } else if (run.seen().total() != run.seen().count(verdict::verified)) {
    complain(one_line_summary(run.seen()));
  }
  return judge(run, end, lost);
}

}  // namespace binarly::tools
