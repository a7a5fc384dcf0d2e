//! What others see of the policy engine: cases, policies that organizations use, and properties.

mod cases;
//mod data_perimeter;
//mod grammar;
//mod layers;
//mod messages;
//mod naive;
//mod properties;
