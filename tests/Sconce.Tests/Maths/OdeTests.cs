using Sconce.Maths;
using Sconce.Torch;
using Xunit;

namespace Sconce.Tests.Maths;

public class OdeTests
{
    private static Tensor Decay(double time, Tensor state) => -state;

    private static double AtOne(OdeSolver solver) =>
        solver.Solve(Decay, Tensor.Ones([1], DType.Float64), [0, 1])[1].Item<double>();

    [Fact]
    public void The_error_of_each_fixed_step_falls_with_its_order()
    {
        using var scope = new TensorScope();
        double exact = Math.Exp(-1);
        (Func<double, OdeSolver> Solver, int Order)[] solvers =
        [
            (step => new EulerSolver(step), 1),
            (step => new MidpointSolver(step), 2),
            (step => new ThreeEighthsSolver(step), 4),
        ];
        foreach (var (solver, order) in solvers)
        {
            double coarse = Math.Abs(AtOne(solver(0.1)) - exact), fine = Math.Abs(AtOne(solver(0.05)) - exact);
            Assert.InRange(Math.Log2(coarse / fine), order - 0.2, order + 0.2);
        }
    }

    [Fact]
    public void The_adaptive_solver_keeps_to_its_tolerance_and_passes_through_times_between_steps()
    {
        using var scope = new TensorScope();
        double[] times = [0, 0.3, 0.31, 2, 7];
        var states = new DormandPrinceSolver(1e-9, 1e-12).Solve(Decay, Tensor.Ones([1], DType.Float64), times);
        for (int k = 0; k < times.Length; k++) Assert.Equal(Math.Exp(-times[k]), states[k].Item<double>(), 1e-8);
    }

    [Fact]
    public void Time_may_run_backwards()
    {
        using var scope = new TensorScope();
        var back = new DormandPrinceSolver(1e-9, 1e-12).Solve((time, state) => state * time, Tensor.Ones([1], DType.Float64), [2, 0]);
        Assert.Equal(Math.Exp(-2), back[1].Item<double>(), 1e-8); // y' = t y
    }

    [Fact]
    public void Gradients_flow_through_the_steps_to_the_start()
    {
        using var scope = new TensorScope();
        var start = Tensor.Ones([1], DType.Float64).WithGrad();
        var end = new ThreeEighthsSolver(0.05).Solve(Decay, start, [0, 1])[1];
        Assert.Equal(Math.Exp(-1), Gradients.Of([end.Sum()], [start])[0].Item<double>(), 1e-6);
    }

    [Fact]
    public void A_solution_that_runs_away_and_times_that_turn_round_are_clear_errors()
    {
        using var scope = new TensorScope();
        var start = Tensor.Ones([1], DType.Float64);
        Assert.Throws<OdeException>(() => new DormandPrinceSolver().Solve((_, y) => y * y, start, [0, 2])); // infinite at 1
        Assert.Throws<OdeException>(() => new DormandPrinceSolver(mostSteps: 3).Solve((_, y) => y * -1000, start, [0, 100]));
        Assert.Throws<ArgumentException>(() => new EulerSolver().Solve(Decay, start, [0, 1, 0.5]));
        Assert.Throws<ArgumentException>(() => new EulerSolver().Solve(Decay, start, [0]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new EulerSolver(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new DormandPrinceSolver(0));
    }
}
