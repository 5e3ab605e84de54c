// small: test bench.
//
// small_test                     compares with tb_data, bit by bit
// small_test INPUTS              prints the outputs, `-` reads standard input
// small_test INPUTS EXPECTED     compares
//
// A line of a file is a sample: 4 raw values, the number times 2^F, separated by spaces.
//
// Made by hls4rs 0.1.0 from network small, digest e72a9e581912a98d.
// Backend quartus, part Arria10, clock 5 ns with 0 % uncertainty.

#include "firmware/small.h"
#include "raw_values.h"
#include <cstdio>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

// Computes a sample; inputs and outputs are raw values, the number times 2^F, in decimal.
static std::vector<std::string> compute(const std::vector<std::string> &inputs) {
    jet_data jet;
    for (int i = 0; i < 4; i++) {
        set_raw<8>(jet.data[i], inputs[i]);
    }
    const small_result result = small(jet);
    std::vector<std::string> outputs;
    for (int i = 0; i < 4; i++) {
        outputs.push_back(raw<10, false>(result.probs_out[i]));
    }
    return outputs;
}

static const std::size_t INPUTS = 4;

// The words of a line.
static std::vector<std::string> words(const std::string &line) {
    std::istringstream stream(line);
    std::vector<std::string> words;
    for (std::string word; stream >> word;) {
        words.push_back(word);
    }
    return words;
}

// The lines of a file that are not empty; `-` stands for the standard input.
static bool samples(const std::string &path, std::vector<std::vector<std::string>> &samples) {
    std::ifstream file;
    if (path != "-") {
        file.open(path.c_str());
        if (!file) {
            std::fprintf(stderr, "%s cannot be read\n", path.c_str());
            return false;
        }
    }
    std::istream &stream = path == "-" ? std::cin : file;
    for (std::string line; std::getline(stream, line);) {
        const std::vector<std::string> values = words(line);
        if (!values.empty()) {
            samples.push_back(values);
        }
    }
    return true;
}

static std::string joined(const std::vector<std::string> &words) {
    std::string line;
    for (std::size_t i = 0; i < words.size(); i++) {
        line += (i == 0 ? "" : " ") + words[i];
    }
    return line;
}

// Counts the samples that are not as expected, and says where the first of them differ.
static std::size_t mismatches(const std::vector<std::vector<std::string>> &outputs,
                              const std::vector<std::vector<std::string>> &expected) {
    std::size_t count = 0;
    for (std::size_t sample = 0; sample < outputs.size(); sample++) {
        const std::vector<std::string> &found = outputs[sample];
        if (found == expected[sample]) {
            continue;
        }
        if (found.size() != expected[sample].size() && count < 10) {
            std::printf("sample %zu: expected %zu values, found %zu\n", sample, expected[sample].size(), found.size());
        }
        for (std::size_t i = 0; i < found.size() && i < expected[sample].size() && count < 10; i++) {
            if (found[i] != expected[sample][i]) {
                std::printf("sample %zu, element %zu: expected raw %s, found %s\n", sample, i,
                            expected[sample][i].c_str(), found[i].c_str());
            }
        }
        count++;
    }
    return count;
}

int main(int argc, char **argv) {
    const std::string inputs_path = argc > 1 ? argv[1] : "tb_data/inputs.dat";
    const std::string expected_path = argc > 2 ? argv[2] : "tb_data/expected.dat";
    std::vector<std::vector<std::string>> inputs;
    if (!samples(inputs_path, inputs)) {
        return 2;
    }
    std::vector<std::vector<std::string>> outputs;
    for (std::size_t sample = 0; sample < inputs.size(); sample++) {
        if (inputs[sample].size() != INPUTS) {
            std::fprintf(stderr, "sample %zu: expected %zu inputs, found %zu\n", sample, INPUTS, inputs[sample].size());
            return 2;
        }
        outputs.push_back(compute(inputs[sample]));
    }
    if (argc == 2) {
        for (std::size_t sample = 0; sample < outputs.size(); sample++) {
            std::printf("%s\n", joined(outputs[sample]).c_str());
        }
        return 0;
    }
    if (argc == 1) {
#ifdef RTL_SIM
        std::ofstream log("tb_data/rtl_cosim_results.log");
#else
        std::ofstream log("tb_data/csim_results.log");
#endif
        for (std::size_t sample = 0; sample < outputs.size(); sample++) {
            log << joined(outputs[sample]) << "\n";
        }
    }
    std::vector<std::vector<std::string>> expected;
    if (!samples(expected_path, expected)) {
        return 2;
    }
    if (expected.size() != inputs.size()) {
        std::fprintf(stderr, "expected %zu samples in %s, found %zu\n", inputs.size(), expected_path.c_str(), expected.size());
        return 2;
    }
    const std::size_t count = mismatches(outputs, expected);
    std::printf("%zu samples, %zu mismatches\n", outputs.size(), count);
    return count == 0 ? 0 : 1;
}
