// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TOOLS_EVERY_STEP_HPP
#define BINARLY_TOOLS_EVERY_STEP_HPP

#include "tools/exit_code.hpp"

#include <functional>
#include <vector>

namespace binarly::tools {

/// Steps that do not need each other, such as writing two files: each is taken though another one
/// failed.
class every_step {
 public:
  /// Keeps the `command_error` that the step throws; anything else goes to the caller.
  void take(const std::function<void()>& step) {
    try {
      step();
    } catch (const command_error& error) {
      failed_.push_back(error);
    }
  }
  [[nodiscard]] const std::vector<command_error>& failed() const noexcept { return failed_; }
  /// Says on standard error what failed. The process's exit code, which is the one that was given
  /// where nothing did.
  [[nodiscard]] int finish(exit_code otherwise = exit_code::good) const;

 private:
  std::vector<command_error> failed_;
};

}  // namespace binarly::tools

#endif
