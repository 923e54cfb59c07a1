@NullMarked
package kr.madang.plugins.simulator;

import org.jspecify.annotations.NullMarked;
