// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TOOLS_RUN_HPP
#define BINARLY_TOOLS_RUN_HPP

#include "tools/progress.hpp"
#include "tools/tally.hpp"

#include <binarly/client.hpp>
#include <binarly/verify_images.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <chrono>
#include <exception>
#include <functional>
#include <optional>

namespace binarly::tools {

/// How a run is shown to its user, and stopped by him.
struct run_display {
  /// A progress line on standard error.
  bool show = true;
  bool terminal = false;
  std::function<progress_figures()> figures;
  /// Called ten times a second.
  std::function<void()> on_tick;
  /// Called when a signal stops the run, to end what cannot be cancelled otherwise.
  std::function<void()> on_stop;
};

/// How a run came to its end.
struct run_end {
  int signal = 0;            ///< that stopped it, the latest; 0 for none
  bool drained = false;      ///< one signal did, and what was in flight has finished
  std::exception_ptr error;  ///< what source or sink threw
  /// Why the run gave up, if it did.
  std::optional<failure> given_up;
  std::chrono::nanoseconds duration{};
};

/// Verifies what the source yields, on this thread, and comes back when all is done. The sink adds
/// to the tally, which the progress is taken from.
///
/// SIGINT, SIGTERM and SIGHUP stop the run: with the first, nothing more is taken and what is in
/// flight finishes; with the second, it is cancelled and delivered; after that, SIGINT and SIGTERM
/// end the process. SIGHUP counts only where it is not ignored, as under nohup, and not within a
/// second of the first signal: a terminal that goes away sends it more than once, and service
/// managers may send it behind SIGTERM.
[[nodiscard]] run_end run_verification(boost::asio::io_context& loop, client service,
                                       verification_source source, verification_sink sink,
                                       const verify_options& options, const tally& seen,
                                       const run_display& display);

/// Whether the process was started with this signal ignored, or has ignored it since.
[[nodiscard]] bool is_ignored(int signal) noexcept;

/// For as long as it lives, SIGHUP does not end the process in the midst of what it writes, also
/// behind a run's end. Nor is it ignored where it was not before: a later guard finds that so, too.
class hangup_guard {
 public:
  /// The loop must outlive it.
  explicit hangup_guard(boost::asio::io_context& loop);

 private:
  boost::asio::signal_set caught_;
};

}  // namespace binarly::tools

#endif
