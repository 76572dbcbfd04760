// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_BENCH_MEASURED_PROCESS_HPP
#define BINARLY_BENCH_MEASURED_PROCESS_HPP

#include <chrono>
#include <string>
#include <sys/types.h>
#include <vector>

namespace binarly::bench {

using seconds = std::chrono::duration<double>;

/// Two cores that this process may use: one for the server, one for its clients. Throws
/// `std::runtime_error` when there is but one.
struct core_pair {
  unsigned server = 0;
  unsigned client = 0;
};
[[nodiscard]] core_pair choose_cores();

/// Keeps the calling thread on one core.
void pin(unsigned core);

/// Processor time that a process has used so far.
[[nodiscard]] seconds processor_time(pid_t process);

/// What a process used from its start to its end, as its parent sees it.
struct usage {
  seconds wall{};
  seconds processor{};
  double peak_mib = 0;
  std::string output;
};

/// A process on one core. It ends with its object or the thread that made it, at the latest.
class pinned_process {
 public:
  /// `words`: the program's path, and its arguments. Throws `std::system_error`.
  pinned_process(std::vector<std::string> words, unsigned core);
  ~pinned_process();
  pinned_process(const pinned_process&) = delete;
  pinned_process& operator=(const pinned_process&) = delete;

  [[nodiscard]] pid_t id() const noexcept { return id_; }
  [[nodiscard]] bool running();
  /// Waits for its end. Throws `std::runtime_error` when it does not end well, or not within two
  /// minutes.
  usage wait();

 private:
  [[nodiscard]] std::string read_output() const;

  const std::string name_;
  const std::chrono::steady_clock::time_point begun_;
  pid_t id_ = -1;
  int output_ = -1;
};

}  // namespace binarly::bench

#endif
