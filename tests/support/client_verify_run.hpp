// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TESTS_SUPPORT_CLIENT_VERIFY_RUN_HPP
#define BINARLY_TESTS_SUPPORT_CLIENT_VERIFY_RUN_HPP

#include "support/client_fixture.hpp"

#include <binarly/verify_images.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <exception>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace binarly::testing {

/// A run of verifications, with a signal to cancel it. It must outlive its completion.
class verify_run {
 public:
  verify_run(client service, verification_source source, verification_sink sink,
             verify_options options = verify_options()) {
    async_verify_images(std::move(service), std::move(source), std::move(sink), std::move(options),
                        boost::asio::bind_cancellation_slot(
                            signal_.slot(), [this](std::exception_ptr thrown, verify_summary sum) {
                              ++completions_;
                              thrown_ = std::move(thrown);
                              summary_ = sum;
                            }));
  }
  verify_run(const verify_run&) = delete;
  verify_run& operator=(const verify_run&) = delete;

  void cancel(boost::asio::cancellation_type type = boost::asio::cancellation_type::terminal) {
    signal_.emit(type);
  }
  [[nodiscard]] bool done() const noexcept { return completions_ > 0; }
  [[nodiscard]] int completions() const noexcept { return completions_; }
  [[nodiscard]] const verify_summary& summary() const noexcept { return summary_; }
  [[nodiscard]] const std::exception_ptr& thrown() const noexcept { return thrown_; }
  /// The message of the exception that it ended with; empty when there is none.
  [[nodiscard]] std::string problem() const {
    try {
      if (thrown_) std::rethrow_exception(thrown_);
    } catch (const std::exception& error) {
      return error.what();
    }
    return "";
  }

 private:
  boost::asio::cancellation_signal signal_;
  int completions_ = 0;
  std::exception_ptr thrown_;
  verify_summary summary_;
};

/// What passes in and out of a run: the service's images in order, each tagged with its number.
struct ledger {
  /// Yields that many images; none of them twice.
  [[nodiscard]] auto source(const fake_service& service, std::uint64_t count) {
    return [this, &service, count]() -> std::optional<expectation> {
      if (taken == count) return std::nullopt;
      const auto image = service.image_at(taken);
      expectation next(image.ref);
      next.name = image.name;
      next.version = image.version;
      next.tag = taken++;
      most_out = std::max(most_out, taken - delivered);
      return next;
    };
  }
  [[nodiscard]] auto sink() {
    return [this](verification done) { accept(std::move(done)); };
  }
  void accept(verification done) {
    ++delivered;
    const auto tag = done.expectation.tag;
    CHECK(by_tag.emplace(tag, std::move(done)).second);
  }
  [[nodiscard]] std::uint64_t count(verdict value) const {
    return static_cast<std::uint64_t>(
        std::count_if(by_tag.begin(), by_tag.end(),
                      [&](const auto& one) { return one.second.verdict == value; }));
  }
  /// Each expectation taken has got its one verification, and the summary says the same.
  void check_complete(const verify_run& run) const {
    CHECK(run.completions() == 1);
    CHECK(delivered == taken);
    CHECK(by_tag.size() == taken);
    CHECK(run.summary().total() == taken);
    for (std::size_t each = 0; each < verdict_count; ++each) {
      const auto value = static_cast<verdict>(each);
      CHECK(run.summary().count(value) == count(value));
    }
  }

  std::uint64_t taken = 0;
  std::uint64_t delivered = 0;
  std::uint64_t most_out = 0;
  std::map<std::uint64_t, verification> by_tag;
};

inline void run_until_done(boost::asio::io_context& context, const verify_run& run) {
  run_until(context, [&run] { return run.done(); });
}

}  // namespace binarly::testing

#endif
