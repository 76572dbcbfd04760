// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TESTS_SUPPORT_FAULT_MATRIX_HPP
#define BINARLY_TESTS_SUPPORT_FAULT_MATRIX_HPP

#include "support/connect_proxy.hpp"
#include "support/fault_server.hpp"
#include "support/sanitized.hpp"
#include "support/scripted_socks.hpp"

#include <binarly/client.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace binarly::testing {

/// A bound that is to run out: long enough for what comes before it on a machine that others use.
inline constexpr std::chrono::milliseconds soon{sanitized ? 1500 : 500};
inline const std::string soon_in_words = sanitized ? "1.5 s" : "0.5 s";

/// What a lookup comes to: what was looked up, or a failure.
struct fault_outcome {
  std::optional<errc> code;
  phase step = phase::prepare;
  /// Somewhere in the failure's message.
  std::string words;
  unsigned http_status = 0;
};

inline const fault_outcome good{};

[[nodiscard]] inline fault_outcome failed(errc code, phase step, std::string words,
                                          unsigned http_status = 0) {
  return {code, step, std::move(words), http_status};
}

/// What the pool's counters come to, after the lookup that shows its recovery; those that a row
/// leaves out are zero.
struct fault_counts {
  std::uint64_t opened = 0;
  std::uint64_t reused = 0;
  std::uint64_t replayed = 0;
  std::uint64_t drained = 0;
  std::vector<std::pair<close_reason, std::uint64_t>> closed{};
};

/// The bound that ends what the fault would let go on for ever. Where there is none, every bound in
/// time is two hours, so that the row shows that none was needed.
struct fault_bound {
  std::string text = "-";
  std::function<void(client_options&)> set{};
};

[[nodiscard]] fault_bound within(const std::string& option,
                                 std::chrono::milliseconds timeout_options::*which,
                                 std::chrono::milliseconds value);
[[nodiscard]] fault_bound below(const std::string& option, std::size_t answer_limits::*which,
                                std::size_t value);
/// One that no option sets.
[[nodiscard]] fault_bound always(std::string text);

/// What happens between the earlier lookups and those that meet the fault.
enum class meanwhile {
  nothing,  ///< a server that holds goes on once those lookups are done
  lost,     ///< the server goes on from its `hold`, and the client lets the connection go
  served,   ///< the server goes on from its `hold`, and comes to `serve`
};

/// What the lookups that meet a fault are about; all others are about the image.
enum class subject {
  image,
  report,  ///< the image's checksum in its SBOM report, as in `good_report`
};

/// What an identity server says to the first request for a token; the others get a good one.
struct identity_fault {
  std::string says;
  /// Whether the client knows the same server by another address as well.
  bool alternative = false;
};

/// One kind of fault.
struct fault_row {
  std::string name;
  /// What the first connections meet; those that follow are served well.
  std::vector<server_script> scripts{};
  /// Good lookups before the fault.
  int earlier = 0;
  meanwhile then = meanwhile::nothing;
  /// Lookups that meet the fault, started together.
  int at_once = 1;
  subject asks_for = subject::image;
  /// What each of them may come to; more than one where it is a matter of who is faster.
  std::vector<fault_outcome> sees{good};
  fault_counts counts{};
  /// What the counters may come to as well, where it is a matter of who is faster.
  std::optional<fault_counts> or_counts{};
  fault_bound bound{};
  /// What else the client is told.
  std::function<void(client_options&)> options{};
  fault_server::welcome welcome = fault_server::welcome::accepts;
  /// Connections lead through a proxy that says this to the first one, and relays the others.
  std::optional<proxy_reply> proxy{};
  /// The same, through a SOCKS 5 proxy.
  std::optional<socks_reply> socks{};
  /// Tokens come from an identity server; absent for one that is fixed.
  std::optional<identity_fault> identity{};
  /// While the lookups meet the fault, this process has no file descriptor left.
  bool no_descriptors = false;
  /// Whether the client serves again afterwards.
  bool recovers = true;
};

/// The body of a report with the image's checksum.
[[nodiscard]] std::string good_report();

/// Runs each row on every kind of executor and prints one line for it. Each time: one client, the
/// fault, its outcome, and a lookup that shows that the client serves on; then nothing is left in
/// the queue or in the making, and nothing open but what is idle, on either side.
void run_fault_rows(const certificate_authority& authority, const std::vector<fault_row>& rows);

/// One line of the matrix, for rows whose server is another program.
void print_fault_row(const std::string& name, const std::string& seen,
                     const pool_counters& counters, const std::string& bound);

/// The counters have settled: nothing waits, nothing is in the making, all that is open is idle,
/// and every connection that was opened is either open or was closed for a reason.
[[nodiscard]] bool at_rest(const pool_counters& counters);

}  // namespace binarly::testing

#endif
