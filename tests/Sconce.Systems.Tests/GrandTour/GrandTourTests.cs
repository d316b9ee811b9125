using Sconce.Systems.Analysis.GrandTour;
using Sconce.Torch;
using Xunit;

namespace Sconce.Systems.Tests.GrandTour;

public class GrandTourTests
{
    private static double Orthogonality(Tensor tour) =>
        (tour.Matmul(tour.T()) - Tensor.Eye(tour.Size(0), tour.DType)).Abs().Max().Item<double>();

    private static double[] Speeds(int dimensions) =>
        [.. Enumerable.Range(0, TourMatrix.Angles(dimensions)).Select(k => 0.1 + (0.5 * Math.Abs(Math.Sin(k + 1))))];

    [Fact]
    public void The_tour_is_orthogonal_at_all_times_and_begins_with_the_axes()
    {
        using var scope = new TensorScope();
        for (int k = 0; k < 20; k++) Assert.True(Orthogonality(TourMatrix.At(Speeds(10), 17.3 * k, 10)) < 1e-12);
        Assert.Equal(0, (TourMatrix.At(Speeds(5), 0, 5) - Tensor.Eye(5, DType.Float64)).Abs().Max().Item<double>());
    }

    [Fact]
    public void A_point_moves_no_further_between_frames_than_all_speeds_together()
    {
        using var scope = new TensorScope();
        double[] speeds = Speeds(6);
        var move = (TourMatrix.At(speeds, 8.1, 6) - TourMatrix.At(speeds, 8, 6)).Norm(2, [1]).Max();
        Assert.True(move.Item<double>() <= speeds.Sum() * 0.1);
    }

    [Fact]
    public void A_dragged_axis_points_where_it_was_dropped_and_the_tour_stays_a_rotation()
    {
        using var scope = new TensorScope();
        var tour = TourMatrix.At(Speeds(6), 3, 6);
        var dragged = TourHandles.DragAxis(tour, 2, Tensor.From([0.4, -0.3]));
        var wanted = tour[2] + Tensor.From([0.4, -0.3, 0, 0, 0, 0]);
        Assert.True((dragged[2] - (wanted / wanted.Norm())).Abs().Max().Item<double>() < 1e-12);
        Assert.True(Orthogonality(dragged) < 1e-12);
    }

    [Fact]
    public void A_dragged_group_turns_towards_the_hand_and_keeps_its_distance()
    {
        using var scope = new TensorScope();
        var centre = Tensor.From([0.5, 0.2, -0.4, 0.1]);
        var drag = Tensor.From([0.3, 0.6]);
        var rotation = TourHandles.DragPoints(centre, drag);
        Assert.True(Orthogonality(rotation) < 1e-12);
        var moved = centre.Unsqueeze(0).Matmul(rotation)[0];
        var wanted = centre + Tensor.From([0.3, 0.6, 0, 0]);
        Assert.True(((moved / moved.Norm()) - (wanted / wanted.Norm())).Abs().Max().Item<double>() < 1e-12);
    }

    [Fact]
    public void A_group_at_the_origin_or_dragged_straight_out_turns_nothing()
    {
        using var scope = new TensorScope();
        var identity = Tensor.Eye(3, DType.Float64);
        foreach (var centre in (Tensor[])[Tensor.Zeros([3], DType.Float64), Tensor.From([2.0, 0, 0])])
        {
            Assert.Equal(0, (TourHandles.DragPoints(centre, Tensor.From([1.0, 0])) - identity).Abs().Max().Item<double>());
        }
    }

    [Fact]
    public void Too_few_angles_and_an_axis_that_is_not_there_are_refused()
    {
        using var scope = new TensorScope();
        Assert.Throws<ArgumentException>(() => TourMatrix.At([1, 2], 0, 4));
        Assert.Throws<ArgumentOutOfRangeException>(() => TourHandles.DragAxis(Tensor.Eye(3), 3, Tensor.Zeros([2])));
    }
}
