package kr.madang.plugins.simulator;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * A speed-controlled circulation pump: motor, pump curve, pipe with a valve, bearings, instruments.
 *
 * <p>The drive's speed follows the demand, so that all signals move over a wide range in normal
 * running, together. A fault leaves each signal in its range and bends what holds between them. One
 * seed gives one history, to the last bit: the step is fixed, and each step draws the same number
 * of random numbers, faults or not. Not thread-safe.
 */
final class Plant {
  /** Seconds of plant time in one step. */
  static final double STEP = 0.02;

  static final int STEP_MILLIS = 20;

  /** Ten minutes, until nothing is left of the values that it was started with. */
  private static final int WARM_UP = 30_000;

  // Pump and pipe at full speed: 32 m at no flow, 24 m at 20 m3/h.
  private static final double SHUT_OFF_HEAD = 32;
  private static final double PUMP_SLOPE = 0.02;
  private static final double BEST_FLOW = 20;
  private static final double STATIC_HEAD = 2;
  private static final double PIPE_RESISTANCE = 0.055;

  /** m3/h gained in a second by a metre of head: gravity, cross-section and length of the pipe. */
  private static final double FLOW_PER_HEAD = 2.4;

  private static final double BAR_PER_METRE = 0.0981;
  private static final double WATT_PER_FLOW_HEAD = 9810.0 / 3600;
  private static final double WATT_PER_AMPERE = Math.sqrt(3) * 400 * 0.83 * 0.86;

  private final RandomGenerator random;
  private final List<FaultPlan> plans;
  private final Map<Fault, Boolean> switched = new EnumMap<>(Fault.class);
  private final double[] severity = new double[Fault.values().length];

  private final Drift slip;
  private final Drift valve;
  private final Drift turbulence;
  private final Drift suction;
  private final Drift voltage;
  private final Drift ambient;
  private final Drift shake;
  private final Drift shakeA;
  private final Drift shakeB;
  private final Drift bubbles;

  private long steps = -WARM_UP;
  private double demand;
  private double demandUntil;
  private double setpoint;
  private double speed;
  private double flow;
  private double housing;
  private double rub;
  private Reading reading;

  /** A plant that has been running for a while when it starts at plant time 0. */
  Plant(long seed, List<FaultPlan> plans) {
    this.random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    this.plans = List.copyOf(plans);
    slip = new Drift(0.002, 4, random);
    valve = new Drift(0.008, 20, random);
    turbulence = new Drift(0.12, 0.3, random);
    suction = new Drift(0.008, 30, random);
    voltage = new Drift(0.004, 30, random);
    ambient = new Drift(1, 300, random);
    shake = new Drift(0.02, 5, random);
    shakeA = new Drift(0.015, 2, random);
    shakeB = new Drift(0.015, 2, random);
    bubbles = new Drift(1, 0.4, random);
    demand = nextDemand();
    setpoint = demand;
    speed = demand;
    flow = BEST_FLOW * speed;
    housing = 24 + 17 * speed * speed * speed;
    reading = step(steps * STEP_MILLIS);
    advanceTo(0);
  }

  /** Switches a fault on or off by hand, from the next step on; beside what is planned. */
  void set(Fault fault, boolean on) {
    switched.put(fault, on);
  }

  /** Whether a fault is switched on by hand or by plan at the present plant time. */
  boolean isOn(Fault fault) {
    if (switched.getOrDefault(fault, false)) {
      return true;
    }
    for (FaultPlan plan : plans) {
      if (plan.fault() == fault && plan.activeAt(steps * STEP)) {
        return true;
      }
    }
    return false;
  }

  /** What the instruments show now. */
  Reading reading() {
    return reading;
  }

  /** Runs until the plant time is reached; a time that has passed changes nothing. */
  Reading advanceTo(long millis) {
    while ((steps + 1) * STEP_MILLIS <= millis) {
      steps++;
      reading = step(steps * STEP_MILLIS);
    }
    return reading;
  }

  private double nextDemand() {
    demandUntil = steps * STEP + 15 + 45 * random.nextDouble();
    return 0.78 + 0.22 * random.nextDouble();
  }

  private Reading step(long millis) {
    for (Fault fault : Fault.values()) {
      int i = fault.ordinal();
      severity[i] += ((isOn(fault) ? 1 : 0) - severity[i]) * STEP / 1.5;
    }
    double worn = severity[Fault.WORN_BEARING.ordinal()];
    double inlet = severity[Fault.CAVITATION.ordinal()];
    double blocked = severity[Fault.BLOCKED_VALVE.ordinal()];

    // The demand steps, the drive ramps its set-point at 2 %/s, the motor follows.
    if (steps * STEP >= demandUntil) {
      demand = nextDemand();
    }
    setpoint += Math.clamp(demand - setpoint, -0.02 * STEP, 0.02 * STEP);
    speed += (setpoint * (1 + slip.next(random)) - speed) * STEP / 1.2;

    // Cavitation: available over required suction head, 4 when healthy, below 1 with a bad inlet.
    double required = 2.6 * speed * speed + 0.001 * flow * flow;
    double margin = 12 / (required * (1 + 5 * inlet));
    double vapour = 1 / (1 + Math.exp((margin - 1.6) / 0.2));
    double burst = bubbles.next(random);

    // Hydraulics: pump curve against pipe, with the inertia of the water between them.
    double head =
        (SHUT_OFF_HEAD * speed * speed - PUMP_SLOPE * flow * flow + turbulence.next(random))
            * (1 - vapour * (0.028 + 0.008 * burst));
    double resistance = PIPE_RESISTANCE * (1 + valve.next(random)) * (1 + 0.09 * blocked);
    flow += FLOW_PER_HEAD * (head - STATIC_HEAD - resistance * flow * flow) * STEP;
    double pressure = 0.3 + suction.next(random) + BAR_PER_METRE * head;

    // Motor: hydraulic power over efficiency, bearings, friction.
    double load = flow / (BEST_FLOW * speed) - 1;
    double efficiency = 0.62 * (1 - 0.9 * load * load);
    double shaft =
        WATT_PER_FLOW_HEAD * flow * head / efficiency
            + speed * (70 + 60 * worn)
            + 30 * vapour * (1 + 0.3 * burst);
    double current = shaft / WATT_PER_AMPERE / (1 + voltage.next(random));

    // Heat: the housing takes what the motor loses, a rubbing bearing warms its own corner. The
    // hall is ventilated: its air stays within 22.5 to 25.5.
    double air = 24 + 1.5 * Math.tanh(ambient.next(random));
    housing += (air + 0.0068 * shaft - housing) * STEP / 150;
    rub += (1.4 * worn - rub) * STEP / 12;

    // Vibration grows with speed and off-design flow, with a resonance of the frame at 88 %.
    double off = (speed - 0.88) / 0.035;
    double frame = 1 + 0.22 / (1 + off * off);
    double common = speed * speed * (1 + shake.next(random)) * (1 + 1.5 * load * load);
    double endA = 1.9 * common * frame * (1 + shakeA.next(random));
    double endB = 1.3 * common * (1 + 0.4 * (frame - 1)) * (1 + shakeB.next(random));
    endA *= 1 + 0.21 * worn + 0.04 * vapour;
    endB *= 1 + 0.03 * worn + vapour * (0.15 + 0.05 * burst);

    return new Reading(
        millis,
        noisy(current, 0.006),
        noisy(pressure, 0.004),
        noisy(flow, 0.006),
        housing + rub + 0.06 * random.nextGaussian(),
        noisy(endA, 0.03),
        noisy(endB, 0.03));
  }

  private double noisy(double value, double share) {
    return value * (1 + share * random.nextGaussian());
  }
}
