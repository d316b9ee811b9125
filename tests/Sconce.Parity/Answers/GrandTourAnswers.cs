using Sconce.Systems.Analysis.GrandTour;
using Sconce.Torch;

namespace Sconce.Parity.Answers;

/// <summary>The grand tour: its matrix, its path, an axis and a group that are dragged.</summary>
internal sealed class GrandTourAnswers : ParityAnswers
{
    internal override string System => "grand_tour";

    internal override ParityAnswer? Answer(ParityCase question)
    {
        var config = question.Config;
        return question.Model switch
        {
            "givens_tour" => ParityAnswer.Of(inputs =>
            {
                var tour = TourMatrix.Of(inputs["theta"], config.Int("n"));
                var dragged = TourHandles.DragAxis(tour, config.Int("axis"), inputs["drag"]);
                return new()
                {
                    ["matrix"] = tour,
                    ["projected"] = TourMatrix.Project(inputs["x"], tour),
                    ["dragged"] = dragged,
                    ["projected_dragged"] = TourMatrix.Project(inputs["x"], dragged),
                };
            }),
            "torus_path" => ParityAnswer.Of(inputs =>
            {
                var points = inputs["x"].To(DType.Float64);
                double[] speeds = config.Doubles("speeds");
                var views = config.Doubles("t").Select(t => TourMatrix.Project(points, TourMatrix.At(speeds, t, config.Int("n"))));
                return new() { ["y"] = Tensor.Stack([.. views]) };
            }),
            "point_drag" => ParityAnswer.Of(inputs =>
            {
                var turned = inputs["x"].Matmul(inputs["M"]);
                var centre = turned.Mean([0]);
                var rotation = TourHandles.DragPoints(centre, inputs["dxy"]);
                var after = centre.Unsqueeze(0).Matmul(rotation)[0];
                return new() { ["rotation"] = rotation, ["moved"] = turned.Matmul(rotation), ["direction"] = after / after.Norm() };
            }),
            _ => null,
        };
    }
}
