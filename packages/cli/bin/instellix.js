#!/usr/bin/env node
// Committed, so that package managers find what they link before anything is built.
import '../dist/command/main.js';
