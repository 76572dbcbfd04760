// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_VERIFY_IMAGES_HPP
#define BINARLY_VERIFY_IMAGES_HPP

#include <binarly/call_options.hpp>
#include <binarly/client.hpp>
#include <binarly/detail/config.hpp>
#include <binarly/failure.hpp>
#include <binarly/image.hpp>
#include <binarly/image_hashes.hpp>
#include <binarly/latency_histogram.hpp>
#include <binarly/retry_policy.hpp>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <array>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace binarly {

using time_bound = std::chrono::sys_time<std::chrono::nanoseconds>;

/// What an upload should be. Absent members are not compared.
struct expectation {
  image_ref ref;
  std::optional<std::string> name;
  std::optional<std::string> version;
  /// Any one of the author's text, e-mail address, user id and id.
  std::optional<std::string> author;
  /// The parent as the service writes it, `products/{product}`; compared as by `same_resource`.
  /// Where it sends one, it must be that of `ref` in any case; with this, it must send one.
  std::optional<std::string> parent;
  /// Bounds on the time of the image's creation, both inclusive.
  std::optional<time_bound> created_not_before;
  std::optional<time_bound> created_not_after;
  /// Checksums of the image, in hexadecimal digits of either case. They are looked up in its SBOM
  /// report, once the image has been found (and scanned, where that is waited for). A report that
  /// is refused, broken for the moment, or without the checksum is looked at again for as long as
  /// the image or its scan is waited for.
  std::optional<std::string> sha256;
  std::optional<std::string> sha1;
  std::optional<std::string> md5;
  /// How long *missing* is not final, for uploads that take a while to appear: the image is looked
  /// for again with backoff, and once more when the time is up. Zero to 7 days.
  std::chrono::milliseconds wait{0};
  /// How long to wait, likewise, for the image's latest scan to end, from the time at which the
  /// image was found. Zero does not ask how the scan ended; to 7 days.
  std::chrono::milliseconds wait_for_scan{0};
  /// The caller's own number for it, such as a row of a manifest; handed back untouched.
  std::uint64_t tag = 0;

  expectation() = default;
  explicit expectation(image_ref image) : ref(std::move(image)) {}
};

/// The one answer that each expectation gets. The first four are the platform's own word about that
/// upload, and final; `docs/verdicts.md` has every answer and what it comes to.
enum class verdict {
  verified,    ///< the platform knows it, and every expected field agrees
  mismatched,  ///< the platform knows it, and some field differs
  missing,     ///< 404 of the platform: it does not know it
  forbidden,   ///< 403 of the platform: it does not tell
  failed,      ///< the platform's word could not be had; the failure says why
  cancelled,   ///< the run was cancelled first
};
inline constexpr std::size_t verdict_count = 6;

/// The verdict as one lower-case word.
BINARLY_IMAGES_DECL std::string_view to_string(verdict value) noexcept;

/// What a failed lookup says about the upload: `missing` and `forbidden` only where the platform
/// said so itself, `cancelled` where the caller did, and `failed` in all other cases.
[[nodiscard]] BINARLY_IMAGES_DECL verdict verdict_of(const failure& why) noexcept;

/// One field that differs.
struct mismatch {
  /// `id`, `parent`, `name`, `version`, `author`, `createTime`, `scan`, `sha256`, `sha1` or `md5`
  std::string field;
  std::string expected;
  /// Empty for a checksum that the report of a finished scan does not state.
  std::string found;
};

/// What became of one expectation.
struct verification {
  binarly::expectation expectation;
  binarly::verdict verdict = binarly::verdict::failed;
  std::vector<mismatch> mismatches;  ///< for `mismatched`, at least one
  /// Remarks about checksums, such as that the report states two by one algorithm, and the expected
  /// one is among them.
  std::vector<std::string> notes;
  binarly::failure failure;  ///< for `missing`, `forbidden`, `failed` and `cancelled`
  std::shared_ptr<const binarly::image> image;  ///< where it was found; else null
  /// The state of the latest scan, where it was asked for: because it is waited for, or because a
  /// checksum is not there. Absent when the image has none.
  std::optional<scan_state> scan;
  int looks = 0;     ///< at the image; more than one where it was waited for
  int attempts = 0;  ///< requests made for it; none where it shared an equal lookup's answer
  /// Attempts that failed and were made again; of each call the latest `longest_history`.
  std::vector<attempt_record> retried;
  std::size_t limit = 0;               ///< the adaptive limit of its last look; 0 for none
  std::chrono::nanoseconds latency{};  ///< of its lookups, without the time between them

  verification() = default;
};

/// Compares an image with what was expected. The id and, where the service sends one, the parent
/// must be the ones asked for, as by `same_resource` (what the client looks up is so in any case);
/// then every field that the expectation names must agree, byte for byte. A time that is not known
/// is within no bounds. Neither waits nor scans nor checksums are looked at.
[[nodiscard]] BINARLY_IMAGES_DECL std::vector<mismatch> compare(const expectation& expected,
                                                                const image& found);
/// Compares the image's own checksums with those that were expected. Where several values of one
/// algorithm are stated, each of them agrees, and `found` has all, joined by ", ". One that the
/// report does not state, or does not tell, differs with an empty `found`; `image_hashes::check`
/// tells these two apart.
[[nodiscard]] BINARLY_IMAGES_DECL std::vector<mismatch> compare(const expectation& expected,
                                                                const image_hashes& found);

namespace detail {
/// `std::function` copies what it holds, which not every callable bears.
template <class Signature, class F>
std::function<Signature> copyable(F function) {
  if constexpr (std::copy_constructible<F>) {
    return function;
  } else {
    return [held = std::make_shared<F>(std::move(function))](auto&&... arguments) {
      return (*held)(std::forward<decltype(arguments)>(arguments)...);
    };
  }
}
}  // namespace detail

/// Yields expectations, one at a time, until it yields none.
///
/// Made from a callable that returns `std::optional<expectation>` or
/// `asio::awaitable<std::optional<expectation>>`; from a range of expectations, which is moved in,
/// so that a generator serves as well; or from an input iterator and its end. It is never called
/// again before its last call ended, nor after it yielded none. What it throws ends the run and
/// reaches the caller.
class verification_source {
 public:
  using item = std::optional<expectation>;

  template <class F>
  requires std::same_as<std::invoke_result_t<F&>, item> verification_source(F function)
      : plain_(detail::copyable<item()>(std::move(function))) {}

  template <class F>
  requires std::same_as<std::invoke_result_t<F&>, asio::awaitable<item>> verification_source(
      F function)
      : awaitable_(detail::copyable<asio::awaitable<item>()>(std::move(function))) {}

  template <std::ranges::input_range R>
  requires std::constructible_from<expectation, std::ranges::range_reference_t<R>>
  verification_source(R range) : plain_(from_range(std::move(range))) {}

  template <std::input_iterator I, std::sentinel_for<I> S>
  requires std::constructible_from<expectation, std::iter_reference_t<I>> verification_source(
      I first, S last)
      : plain_(from_range(std::ranges::subrange(std::move(first), std::move(last)))) {}

  /// For the library's own use: exactly one of them is set.
  std::function<item()> plain_;
  std::function<asio::awaitable<item>()> awaitable_;

 private:
  template <class R>
  static std::function<item()> from_range(R range) {
    struct state {
      explicit state(R moved) : range(std::move(moved)), position(std::ranges::begin(range)) {}
      R range;
      std::ranges::iterator_t<R> position;
    };
    return [held = std::make_shared<state>(std::move(range))]() -> item {
      if (held->position == std::ranges::end(held->range)) return std::nullopt;
      item next(std::in_place, *held->position);
      ++held->position;
      return next;
    };
  }
};

/// Receives verifications as they finish, in no particular order unless that is asked for.
///
/// Made from a callable that takes a `verification` and returns `void` or `asio::awaitable<void>`.
/// It is never called again before its last call ended: a sink that suspends slows the run down and
/// fills no memory. What it throws ends the run and reaches the caller.
class verification_sink {
 public:
  template <class F>
  requires std::same_as < std::invoke_result_t<F&, verification>,
  void > verification_sink(F function)
      : plain_(detail::copyable<void(verification)>(std::move(function))) {}

  template <class F>
  requires std::same_as<std::invoke_result_t<F&, verification>, asio::awaitable<void>>
  verification_sink(F function)
      : awaitable_(detail::copyable<asio::awaitable<void>(verification)>(std::move(function))) {}

  /// For the library's own use: exactly one of them is set.
  std::function<void(verification)> plain_;
  std::function<asio::awaitable<void>(verification)> awaitable_;
};

struct verify_options {
  /// Expectations taken from the source and not yet accepted by the sink, at most, those aside that
  /// wait to be looked at again; 1 to 1,000,000. The run's memory depends on it and on
  /// `max_parked`, and on nothing else.
  std::size_t window = 256;
  /// Expectations with `wait` or `wait_for_scan` that have been taken and have no verdict yet, at
  /// most: then nothing is taken from the source. 1 to 10,000,000.
  std::size_t max_parked = 10'000;
  /// Hand verifications to the sink in the order of their expectations. Those that are finished
  /// keep their place in the window until their turn comes, and so do those that wait.
  bool in_order = false;
  /// For each lookup. Unless it says otherwise they are under the client's adaptive limit, their
  /// deadline does not cover the wait for a turn under it or the rate, and equal ones that are in
  /// flight at the same time are one. Its `report` is not used.
  call_options call;
  /// The report in which checksums are looked up.
  sbom_format report = sbom_format::cyclonedx;
  /// Take a latest scan that failed, or was cancelled, for one that has ended. Otherwise it is a
  /// mismatch in the field `scan`.
  bool accept_failed_scans = false;
  /// Where a scan is waited for, and the image has none: how long one may take to begin. Then the
  /// verdict is `failed` with `errc::no_scan`. From zero to 7 days.
  std::chrono::milliseconds scan_grace{60'000};
  /// The run gives up after so many verifications in a row that failed because the token is refused
  /// for good; or when its first so many failed since what answers is not the platform. Then
  /// nothing more is taken, what is in flight finishes, and `verify_summary::given_up` says why.
  /// Up to 1,000,000; 0 for never.
  std::size_t give_up_after = 20;
  /// How long to wait before looking again, where an expectation waits; only its delays are used.
  retry_policy look_again = retry_policy()
                                .jitter_kind(jitter::decorrelated)
                                .base_delay(std::chrono::seconds(1))
                                .delay_cap(std::chrono::seconds(30));

  verify_options() = default;
};

/// What a run came to. Verdicts are counted when the sink has accepted them; all else when it
/// happened.
struct verify_summary {
  std::array<std::uint64_t, verdict_count> by_verdict{};
  /// The source was read to its end and nothing was called off: false after a cancellation, an
  /// exception, or when the run gave up.
  bool complete = false;
  /// Why the run gave up: a failure that all its latest lookups share.
  std::optional<failure> given_up;
  /// Of the latest scans that were looked at, so many in each state; in `no_scans` those that are
  /// not there.
  std::map<scan_progress, std::uint64_t> scans;
  /// Images that were found, and are archived.
  std::uint64_t archived = 0;
  std::uint64_t attempts = 0;  ///< requests made
  /// Attempts that were made again, by what they failed of.
  std::map<errc, std::uint64_t> retries;
  latency_histogram latencies;         ///< of the verifications that were not cancelled
  std::chrono::nanoseconds limited{};  ///< waited in the client's limits, all lookups together
  std::uint64_t bytes = 0;             ///< of the answers' bodies, as they came
  std::chrono::nanoseconds elapsed{};  ///< from the run's start to its end

  verify_summary() = default;
  [[nodiscard]] std::uint64_t count(verdict value) const noexcept {
    return by_verdict[static_cast<std::size_t>(value)];
  }
  [[nodiscard]] std::uint64_t total() const noexcept {
    std::uint64_t sum = 0;
    for (const auto part : by_verdict)
      sum += part;
    return sum;
  }
  /// Verifications per second; 0 for a run that took no time.
  [[nodiscard]] double throughput() const noexcept {
    const double seconds = std::chrono::duration<double>(elapsed).count();
    return seconds > 0 ? static_cast<double>(total()) / seconds : 0;
  }
};

using verify_images_signature = void(std::exception_ptr, verify_summary);

namespace detail {
using verify_images_handler = asio::any_completion_handler<verify_images_signature>;
BINARLY_IMAGES_DECL void start_verify_images(asio::any_io_executor executor, client service,
                                             verification_source source, verification_sink sink,
                                             verify_options options, verify_images_handler handler);

struct initiate_verify_images {
  template <class Handler>
  void operator()(Handler&& handler, client service, verification_source source,
                  verification_sink sink, verify_options options) const {
    asio::any_io_executor executor = asio::get_associated_executor(handler, service.get_executor());
    start_verify_images(std::move(executor), std::move(service), std::move(source), std::move(sink),
                        std::move(options), verify_images_handler(std::forward<Handler>(handler)));
  }
};
}  // namespace detail

/// Verifies as many images as the source yields, and hands the sink exactly one verification for
/// each expectation that was taken from the source, whatever happens to the lookups.
///
/// The source and the sink are called on a strand of the handler's associated executor (the
/// client's by default), one call of each at a time. Everything is moved in; nothing must stay
/// alive but what source and sink refer to, until the completion. The run keeps its copy of the
/// client.
///
/// Completes with the summary; with an exception when source or sink threw one: then nothing more
/// is taken or delivered, lookups in flight are cancelled, and the completion waits for them.
///
/// Cancellation: nothing more is taken from the source, and the run completes with
/// `summary.complete == false` and no exception. With the type `terminal` among others, what is in
/// flight is cancelled and delivered as `cancelled`; with `partial` or `total` alone it may finish,
/// and only those that would have to wait are `cancelled`. The one may follow the other. An
/// awaitable source that is suspended is cancelled in both cases, and what it throws then is no
/// error; a sink is not, since what was taken must be delivered.
template <asio::completion_token_for<verify_images_signature> CompletionToken>
auto async_verify_images(client service, verification_source source, verification_sink sink,
                         verify_options options, CompletionToken&& token) {
  return asio::async_initiate<CompletionToken, verify_images_signature>(
      detail::initiate_verify_images{}, token, std::move(service), std::move(source),
      std::move(sink), std::move(options));
}
/// The same, to be awaited in an `asio::awaitable`. (`asio::deferred`, the default elsewhere,
/// cannot be awaited with this signature in Boost 1.81.)
inline asio::awaitable<verify_summary> async_verify_images(
    client service, verification_source source, verification_sink sink,
    verify_options options = verify_options()) {
  return async_verify_images(std::move(service), std::move(source), std::move(sink),
                             std::move(options), asio::use_awaitable);
}

}  // namespace binarly

#endif
